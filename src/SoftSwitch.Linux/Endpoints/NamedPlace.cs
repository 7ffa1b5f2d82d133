using System.Globalization;
using SoftSwitch.Linux.Namespaces;

namespace SoftSwitch.Linux.Endpoints;

/// <summary>
/// The namespace that was given an interface, and its name. The interface stays where it was put as long as that lives, whatever the name
/// leads to meanwhile: somebody who has the name now was not meant. People who have made another of that name must know.
/// <para>Used by one thread at a time.</para>
/// </summary>
/// <param name="named">Opens what has the name now.</param>
internal sealed class NamedPlace(Func<NetworkNamespace> named)
{
    /// <summary>Following a name takes a dozen system calls, and there may be thousands.</summary>
    private const int TicksBetweenLooks = 5;

    private int _ticks;

    /// <summary>The namespace that the interface was put into.</summary>
    public NetworkNamespaceIdentity Identity { get; private set; }

    /// <summary>That the name leads elsewhere, for people; null: it doesn't, or nowhere.</summary>
    public string? Complaint { get; private set; }

    /// <summary>Opens the namespace that is to get the interface.</summary>
    public NetworkNamespace Enter()
    {
        var place = named();
        (Identity, Complaint) = (place.Identity, null);
        return place;
    }

    /// <summary>Which it is, in a line for the program that goes on in this process.</summary>
    public string Leave() => string.Create(CultureInfo.InvariantCulture, $"{Identity.Device} {Identity.Inode}");

    /// <summary>The place that the program before has left.</summary>
    public bool TryInherit(string left)
    {
        if (left.Split(' ') is not [var device, var inode]
            || !ulong.TryParse(device, NumberStyles.None, CultureInfo.InvariantCulture, out var on)
            || !ulong.TryParse(inode, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        (Identity, Complaint) = (new(on, number), null);
        return true;
    }

    /// <summary>Opens the namespace again; null: its name leads to another, or nowhere.</summary>
    public NetworkNamespace? Return()
    {
        try
        {
            var place = named();
            if (place.Identity == Identity)
                return place;
            place.Dispose();
        }
        catch (Exception e) when (e is SystemCallException or ArgumentException)
        {
            // It has no name any more.
        }
        return null;
    }

    /// <summary>About once a second: looks from time to time where the name leads.</summary>
    public void Tick()
    {
        if (++_ticks % TicksBetweenLooks != 0)
            return;
        try
        {
            using var now = named();
            Complaint = now.Identity == Identity ? null
                : $"{now} is another than the one that this port was put into, which lives on without the name; the port stays there until "
                    + "it goes: end the processes that are left in it, see them with: lsns -t net";
        }
        catch (Exception e) when (e is SystemCallException or ArgumentException)
        {
            // Nobody else has the name.
            Complaint = null;
        }
    }
}
