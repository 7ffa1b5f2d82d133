using SoftSwitch.Attach;
using SoftSwitch.Config.Rows;
using SoftSwitch.Linux;
using SoftSwitch.Model;
using SoftSwitch.Persistence;

namespace SoftSwitch.Kinds;

/// <summary>
/// A kind of port, and all that the rest of the program must know of it: its word and keys in the file, its model, the interface behind
/// it, what that takes, and how a guest is plugged in. One object for each kind, in a file with its model; <see cref="PortKinds"/> lists
/// them. Immutable.
/// </summary>
internal abstract class PortKind
{
    /// <summary>What a file calls it.</summary>
    public abstract string Word { get; }

    /// <summary>Who is at the other end, for the docs.</summary>
    public abstract string Says { get; }

    /// <summary>The keys that it adds to those of every port.</summary>
    public abstract IReadOnlyList<Row> Keys { get; }

    /// <summary>A port of which the file says no more than this.</summary>
    public abstract PortModel Blank(string name);

    /// <summary>All of it is read and checked; what isn't built is refused, and never advised.</summary>
    public virtual bool IsBuilt => true;

    /// <summary>Whether stations of the physical LAN are behind it.</summary>
    public abstract bool LeadsToLan { get; }

    /// <summary>Whether the interface that its model names is made by the switch; else it is there already, or there is none.</summary>
    public abstract bool MakesInterface { get; }

    /// <summary>Whether the guest gets the interface that its model names; else the guest has one of its own.</summary>
    public abstract bool GivesInterface { get; }

    /// <summary>The largest MTU that it takes.</summary>
    public abstract int LongestMtu { get; }

    /// <summary>Open files that a port takes: its device, its namespace, its netlink socket; a packet socket's program for
    /// tunnels, and what keeps other switches off.</summary>
    public abstract int OpenFiles { get; }

    /// <summary>The port with the addresses that the switch makes for it, where the file gives none.</summary>
    public abstract PortModel Complete(PortModel port, StationMacs macs);

    /// <summary>Its interface on this machine. Nothing is opened yet, but a process that the model names is looked up.</summary>
    public abstract Endpoint Endpoint(PortModel port);

    /// <summary>What opening it, and keeping it open, takes.</summary>
    public abstract IEnumerable<Capability> Capabilities(PortModel port);

    /// <summary>What plugs a guest into it.</summary>
    public abstract AttachText Attach(PortModel port, AttachFormat format);
}
