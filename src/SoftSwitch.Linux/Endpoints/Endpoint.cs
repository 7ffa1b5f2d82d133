using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints;

/// <summary>
/// The outside half of a port. Opening it yields the <see cref="DevicePort"/> that forwards; the endpoint stays with the control plane,
/// hears what becomes of the other end, and says its state. What a kind makes, the kernel removes when the process ends for any reason,
/// except a guest's tap, which stays for the guest that holds it.
/// <para>
/// Nothing here is about an interface or a namespace: those are an <see cref="InterfaceEndpoint"/>'s. A socket or shared memory is another
/// kind. Such a kind has its descriptors watched by its <see cref="EndpointSite"/>: any number of them at any time, each with a handler of
/// its own.
/// </para>
/// <para>Used by one thread at a time, the control loop's while the switch runs.</para>
/// </summary>
public abstract class Endpoint : IDisposable
{
    /// <summary>The address of the port's interface itself; null where it has none, and before it was open.</summary>
    public MacAddress? Mac { get; protected set; }

    /// <summary>Where the other end is the host itself: guests reach all of its addresses, not only those in their network.</summary>
    public bool ReachesAll
    {
        get;
        set
        {
            var isNews = field != value;
            field = value;
            if (isNews)
                Reach();
        }
    }

    /// <summary>Its state, by the latest news: nobody is asked.</summary>
    public abstract EndpointState State { get; }

    /// <summary>What is wrong when it is down or gone, for people; else null.</summary>
    public abstract string? Obstacle { get; }

    /// <summary>What isn't as it should be though frames pass, for people; null: all is. It is told once.</summary>
    public virtual string? Complaint => null;

    /// <summary>After opening has failed: news of the interface of this name is worth another try. Null: it waits for no
    /// interface.</summary>
    public virtual string? AwaitedInterface => null;

    /// <summary>
    /// Makes, finds or adopts the other end and opens the port to it. After a failure nothing half-made is left, and it may be called
    /// again.
    /// </summary>
    /// <exception cref="SystemCallException">An obstacle of the machine; the message says the cure.</exception>
    public abstract DevicePort Open(EndpointSite site);

    /// <summary>Takes another length for the longest packet: the port does, and an interface that was made for it. It needn't be
    /// open.</summary>
    /// <exception cref="SystemCallException">The kernel refused; <paramref name="mtu"/> before holds again with another call.</exception>
    public abstract void Resize(int mtu);

    /// <summary><see cref="ReachesAll"/> has become another. It needn't be open.</summary>
    protected virtual void Reach()
    {
    }

    /// <summary>Does what has become due while it is open: about once a second.</summary>
    public virtual void Tick(Instant now)
    {
    }

    /// <summary>Frames that the kernel dropped between the port and who is at the other end, since it was opened and as far as the kernel
    /// tells.</summary>
    public virtual KernelDrops Dropped() => default;

    /// <summary>Tells the interface's network which MAC belongs to the address that was put on the interface. Does nothing where there is
    /// no such address, or where the interface can't.</summary>
    public virtual void Announce()
    {
    }

    /// <summary>Leaves the other end to the program that goes on in this process, which opens the same port with it. What this one does
    /// afterwards, should the next program not come, it does as before.</summary>
    /// <param name="heir">Takes it.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public abstract void Leave(Inheritance heir);

    /// <summary>Lets go of the other end; what this endpoint made goes, what it found stays as it was found.</summary>
    public abstract void Dispose();
}
