using System.Globalization;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Succession;

namespace SoftSwitch.Linux.Endpoints;

/// <content>What goes on over a planned restart: the interface that it is open on, and what an endpoint of its kind has of it.</content>
public abstract partial class InterfaceEndpoint
{
    private const string InterfaceWord = "interface", NamespaceWord = "namespace", PlaceWord = "place", ClaimWord = "claim";

    /// <summary>By which a port leaves the packet socket that its frames come by.</summary>
    private protected const string SocketWord = "socket";

    /// <summary>The interface that the program before had open for this port; null: none.</summary>
    private protected (int Index, int? Elsewhere)? Inherited { get; private set; }

    /// <summary>One that isn't there is opened anew by the next program.</summary>
    public sealed override void Leave(Inheritance heir)
    {
        if (_link is not { } link)
            return;
        heir.Leave(Key(InterfaceWord), string.Create(CultureInfo.InvariantCulture, $"{Index} {Elsewhere ?? -1} {link.Name}"));
        LeaveEnds(heir);
    }

    /// <summary>Leaves what this kind has of the interface.</summary>
    private protected abstract void LeaveEnds(Inheritance heir);

    /// <summary>Leaves the namespace that the interface is watched in, where that is no other's, and which place it was given to.</summary>
    private protected void LeaveNamespace(Inheritance heir, NamedPlace place)
    {
        heir.Leave(Key(NamespaceWord), Namespace.Handle);
        heir.Leave(Key(PlaceWord), place.Leave());
    }

    private protected void LeaveClaim(Inheritance heir, InterfaceClaim? claim) => claim?.Leave(heir, Key(ClaimWord));

    /// <summary>By which something of this port is left.</summary>
    private protected string Key(string what) => $"{Options.Name} {what}";

    /// <summary>A descriptor of this port that the program before has left.</summary>
    private protected SafeFileHandle? Take(string what) => Site.Inherited.Take(Key(what));

    /// <summary>A line about this port that it has left.</summary>
    private protected string? LeftText(string what) => Site.Inherited.TextOf(Key(what));

    /// <summary>The packet socket of the port that the program before has left on this interface; null: none.</summary>
    private protected InheritedSocket? TakeSocket(int index) =>
        Inherited?.Index == index ? InheritedSocket.Take(Site.Inherited, Key(SocketWord)) : null;

    /// <summary>Has an interface for itself, as the program before had.</summary>
    /// <exception cref="SystemCallException">Another switch has it; the message says who.</exception>
    private protected InterfaceClaim Claim(string name, int index) =>
        Inherited?.Index == index && Take(ClaimWord) is { } left ? InterfaceClaim.Inherit(left) : InterfaceClaim.Take(name, index);

    /// <summary>The namespace that the interface was watched in.</summary>
    /// <param name="place">Is told which place the interface was given to.</param>
    private protected NetworkNamespace? InheritNamespace(NamedPlace place) =>
        LeftText(PlaceWord) is { } left && place.TryInherit(left) && Take(NamespaceWord) is { } handle
            ? NetworkNamespace.Inherit(handle) : null;

    /// <summary>What the interface is called that a port has left; null: it has left none.</summary>
    public static string? NameLeft(Inheritance from, string port) =>
        from.TextOf($"{port} {InterfaceWord}")?.Split(' ', 3) is [_, _, var name] ? name : null;

    /// <summary>Knows the interface by its number.</summary>
    private void Inherit(Inheritance from)
    {
        Inherited = null;
        if (from.TextOf(Key(InterfaceWord))?.Split(' ', 3) is not [var number, var place, var name]
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            || !int.TryParse(place, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var elsewhere))
            return;
        Inherited = (index, elsewhere < 0 ? null : elsewhere);
        (_known, _name) = (index, name);
    }
}
