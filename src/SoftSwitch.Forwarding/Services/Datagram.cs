using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services;

/// <summary>
/// A UDP datagram that a service says. It is written into a frame of the turn: fill <see cref="Payload"/>, then <see cref="Send"/>.
/// One that is longer than its output's MTU is fragmented there.
/// </summary>
public readonly ref struct Datagram
{
    /// <summary>Bytes that one carries at most: what has room in a head.</summary>
    public const int MaximumPayload = Burst.HeadCapacity - UdpFrame.Headers;

    private readonly Turn _turn;
    private readonly InnerPort _from;
    private readonly Burst _made;
    private readonly int _index;

    private Datagram(Turn turn, InnerPort from, Burst made, int index, Span<byte> payload)
    {
        (_turn, _from, _made, _index) = (turn, from, made, index);
        Payload = payload;
    }

    /// <summary>What it carries; zeros at first.</summary>
    public Span<byte> Payload { get; }

    /// <summary>Makes one.</summary>
    /// <param name="from">The station that says it.</param>
    /// <param name="to">Who gets it on the station's link.</param>
    /// <param name="length">Bytes that it carries, at most <see cref="MaximumPayload"/>.</param>
    /// <returns>False when the turn has made all that it can; that is counted.</returns>
    public static bool TryMake(
        Turn turn, InnerPort from, MacAddress to, (Ipv4Address Address, ushort Port) source, (Ipv4Address Address, ushort Port) destination,
        int length, out Datagram datagram)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)MaximumPayload);
        if (!turn.TryMake(UdpFrame.Headers + length, out var made, out var index))
        {
            from.CountUnsaid(turn.Worker, DropReason.QueueFull);
            datagram = default;
            return false;
        }
        ref var frame = ref made[index];
        from.AddressTo(ref frame, to);
        frame.AllowFragments();
        datagram = new(turn, from, made, index, UdpFrame.WriteHeaders(frame.HeadBytes, source, destination, length));
        return true;
    }

    /// <summary>Sends it: nothing in it may be written any more.</summary>
    /// <param name="only">The port that it leaves by, whoever has its address; null: the bridge decides.</param>
    public void Send(Membership? only = null)
    {
        UdpFrame.WriteChecksum(_made[_index].HeadBytes, Payload.Length);
        if (only is null)
            _turn.Send(_made, _index, _from);
        else
            _turn.SendBy(only, _made, _index, _from);
    }
}
