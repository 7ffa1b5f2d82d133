using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints;

/// <summary>
/// The outside half of a port. Opening it yields the <see cref="DevicePort"/> that forwards; the endpoint stays with the control plane,
/// hears what becomes of the other end, and says how that is. What a kind makes, the kernel removes when the process ends for any reason,
/// except a guest's tap, which stays for the guest that holds it.
/// <para>
/// Nothing here is about an interface or a namespace: those are an <see cref="InterfaceEndpoint"/>'s. A socket or shared memory is another
/// kind. Such a one has the descriptors that it listens and speaks on watched by its <see cref="EndpointSite"/>, each with a handler of its
/// own, as many as there are at the time.
/// </para>
/// <para>Used by one thread at a time, the control loop's while the switch runs.</para>
/// </summary>
public abstract class Endpoint : IDisposable
{
    /// <summary>The address of the port's interface itself; null where it has none, and before it was open.</summary>
    public MacAddress? Mac { get; protected set; }

    /// <summary>How it is, by the latest news: nobody is asked.</summary>
    public abstract EndpointState State { get; }

    /// <summary>What is wrong where it is down or gone, for people; else null.</summary>
    public abstract string? Obstacle { get; }

    /// <summary>Where opening failed: news of an interface of this name is worth another try. Null: no interface's is.</summary>
    public virtual string? AwaitedInterface => null;

    /// <summary>
    /// Makes, finds or adopts the other end and opens the port to it. After a failure nothing half-made is left, and it may be called
    /// again.
    /// </summary>
    /// <exception cref="SystemCallException">An obstacle of the machine; the message says the cure.</exception>
    public abstract DevicePort Open(EndpointSite site);

    /// <summary>Does what has become due while it is open: about once a second.</summary>
    public virtual void Tick(Instant now)
    {
    }

    /// <summary>Frames that the other end dropped on the switch's doorstep since it was made, as far as it tells.</summary>
    public virtual long Dropped() => 0;

    /// <summary>Says which MAC the address has that was put on the interface, to whoever is on its network; nothing where there is
    /// none, or the interface can't.</summary>
    public virtual void Announce()
    {
    }

    /// <summary>Lets go of the other end; what this endpoint made goes, what it found stays as it was found.</summary>
    public abstract void Dispose();
}
