using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// A port whose other end is part of the dataplane: step 6. What a bridge decides for it is handed to <see cref="Handle"/>, in the same
/// turn, and what it says goes back to step 5 by <see cref="Turn.Send"/>, in its own bridge or in that of another inner port. It is a
/// station with an address that nobody else can claim. It counts like any port: <c>In</c> is what it says, <c>Out</c> is what it is handed.
/// <para>All workers call it, at the same time: what it keeps must be made for that.</para>
/// </summary>
public abstract class InnerPort : Port
{
    private volatile Membership? _membership;

    /// <param name="name">As it is shown.</param>
    /// <param name="mac">The station's address.</param>
    /// <param name="mtu">The longest packet on its link, in bytes.</param>
    /// <param name="workers">Workers there will be.</param>
    protected InnerPort(string name, MacAddress mac, int mtu, int workers) : base(name, mtu, workers) => Mac = mac;

    /// <summary>Its address, which nobody else in its bridge can claim.</summary>
    public MacAddress Mac { get; }

    /// <summary>What goes to everybody goes to it as well.</summary>
    public virtual bool HearsFloods => true;

    /// <summary>Other stations of ours on its link are to it as any machine there: they hear each other, in the same turn. What one does
    /// with what it hears of another must end of itself: it goes on into another network, or is answered by what has no answer.</summary>
    internal virtual bool HearsOurs => false;

    public sealed override PortOffloads Offloads => PortOffloads.All;

    public sealed override int OffloadHeaderLength => Frame.HeadRoom;

    /// <summary>Its place in the bridge that it speaks in; null before it has one.</summary>
    public Membership? Membership => _membership;

    internal void Join(Membership membership) => _membership = membership;

    /// <summary>Takes the frames of the turn's burst that are meant for it.</summary>
    /// <param name="turn">The burst, and the way out.</param>
    /// <param name="own">Frames that go to nobody else: their heads may be rewritten. One that goes no further gets its drop
    /// reason.</param>
    /// <param name="heard">Frames that others get too: they are only read.</param>
    public abstract void Handle(Turn turn, FrameSet own, FrameSet heard);

    /// <summary>Somebody behind the turn's port says in ARP that he has an address.</summary>
    /// <returns>True: it is ours, and he is contradicted, or it counts behind another port alone. His frame goes no further.</returns>
    internal virtual bool Denies(Turn turn, Ipv4Address claimed) => false;

    /// <summary>It says in ARP that an address is its own when it is asked.</summary>
    internal virtual bool AnswersFor(Ipv4Address address) => false;

    /// <summary>Does what has become due: called about once a second, by one worker.</summary>
    public virtual void Tick(Turn turn)
    {
    }

    /// <summary>Does what it has called for a turn for (<see cref="Turn.Call"/>).</summary>
    internal virtual void Resume(Turn turn)
    {
    }

    /// <summary>The frames of a turn of its own are transmitted.</summary>
    internal virtual void Settle(Turn turn)
    {
    }

    /// <summary>A packet that has waited for a neighbor may still go to him: routes may have changed meanwhile.</summary>
    /// <param name="neighbor">Who answers now.</param>
    /// <param name="destination">Where the packet goes.</param>
    internal virtual bool LeadsTo(Ipv4Address neighbor, Ipv4Address destination, Instant now) => true;

    /// <summary>Takes a packet that it has taken before, and that has waited since, as if it had just come.</summary>
    /// <returns>Why it goes no further, if it doesn't.</returns>
    internal virtual DropReason TakeAgain(Turn turn, int index, ref Frame frame) => DropReason.RouteChanged;

    /// <summary>Tells the sender of a packet that the neighbor which the packet was to go to can't be reached.</summary>
    /// <param name="origin">Who sent it.</param>
    /// <param name="head">The packet as it came to this station.</param>
    internal virtual void ReportLost(Turn turn, Origin origin, ReadOnlySpan<byte> head)
    {
    }

    /// <summary>Tells the sender of a packet that it is too long for the port by which it was to leave.</summary>
    /// <param name="origin">Who sent it.</param>
    /// <param name="head">The packet as it came to this station.</param>
    /// <param name="mtu">What leaves by that port.</param>
    internal virtual void ReportTooLong(Turn turn, Origin origin, ReadOnlySpan<byte> head, int mtu)
    {
    }

    /// <summary>What every station of this network can receive, in bytes: a port may take less than its network.</summary>
    internal int SmallestMtu => _membership is { } member ? int.Min(Mtu, member.Bridge.View.SmallestMtu) : Mtu;

    /// <summary>What leaves by the port that a station of this network is behind, in bytes. As long as that isn't known, it is what leaves
    /// by all of them.</summary>
    internal int MtuToward(ulong station, Instant now)
    {
        if (_membership is not { Bridge: { View: var view, Fdb: var fdb } })
            return Mtu;
        return int.Min(Mtu, view[fdb.Lookup(station, now)]?.Port.Mtu ?? view.SmallestMtu);
    }

    /// <summary>Makes a frame one that this station sends.</summary>
    internal void AddressTo(ref Frame frame, MacAddress destination)
    {
        destination.Write(frame.HeadBytes);
        Mac.Write(frame.HeadBytes[MacAddress.Size..]);
    }

    /// <summary>Counts frames that this port meant to say, and that were dropped instead: they came in here and went no further.</summary>
    internal void CountUnsaid(int worker, DropReason reason, int frames = 1)
    {
        ref var counters = ref Counters(worker);
        counters.InFrames += frames;
        counters.InDrops(reason) += frames;
    }

    /// <summary>Nothing is received here: frames come from the bridge, by <c>Handle</c>, and from other inner ports, by
    /// <see cref="Turn.Send"/>.</summary>
    public sealed override bool Receive(Burst burst) => false;

    /// <summary>Nothing is transmitted here: step 6 has handed the frames over already.</summary>
    public sealed override void Transmit(TransmitBatch batch)
    {
    }
}
