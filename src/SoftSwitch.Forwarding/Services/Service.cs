using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;

namespace SoftSwitch.Forwarding.Services;

/// <summary>
/// What a station of ours does for others at a port of UDP or TCP (DHCP, DNS): it takes a packet that came there, and answers into the
/// turn. Where it is found stands in a <see cref="ServiceRow"/>.
/// <para>
/// Every worker calls it, at the same time: what it keeps must stand that. It asks no clock, waits for nothing and allocates nothing for a
/// packet; what takes longer goes on elsewhere and is said with a later <see cref="Resume"/>. All that a packet says was written by a
/// stranger: only <see cref="Request.Input"/>, the port that it came in by, is certain, and whatever it uses up counts for that.
/// </para>
/// </summary>
public abstract class Service
{
    /// <summary>Takes a packet.</summary>
    /// <returns>Why it goes no further; none: it was taken.</returns>
    public abstract DropReason Take(in Request request);

    /// <summary>Says what has become due: called about once a second.</summary>
    /// <param name="station">Who says it, see <see cref="Datagram"/>.</param>
    public virtual void Tick(Turn turn, InnerPort station)
    {
    }

    /// <summary>Says what it has called for a turn for (<see cref="Turn.Call"/>), or what has come about elsewhere: called in each turn of
    /// the station's own, so it costs nothing where there is nothing.</summary>
    /// <inheritdoc cref="Tick"/>
    internal virtual void Resume(Turn turn, InnerPort station)
    {
    }
}
