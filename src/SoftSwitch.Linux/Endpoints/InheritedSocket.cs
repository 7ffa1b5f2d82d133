using SoftSwitch.Linux.Succession;

using Microsoft.Win32.SafeHandles;

namespace SoftSwitch.Linux.Endpoints;

/// <summary>A packet socket that the program before this one has opened in this process: what it heard meanwhile waits in it.</summary>
/// <param name="Socket">Bound and set as the port needs it.</param>
/// <param name="Tunnels">The program for tunnels at its interface; null: it had none.</param>
internal sealed record InheritedSocket(SafeFileHandle Socket, SafeFileHandle? Tunnels)
{
    private const string TunnelsWord = "tunnels";

    /// <summary>The one that was left by this name; null: none.</summary>
    public static InheritedSocket? Take(Inheritance from, string name) =>
        from.Take(name) is { } socket ? new(socket, from.Take($"{name} {TunnelsWord}")) : null;

    /// <summary>Leaves one.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Leave(Inheritance heir, string name)
    {
        heir.Leave(name, Socket);
        if (Tunnels is not null)
            heir.Leave($"{name} {TunnelsWord}", Tunnels);
    }
}
