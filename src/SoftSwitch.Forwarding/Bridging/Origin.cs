using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// A packet that a station handles, as it came: its first bytes before any change, and its sender on that station's link. So an error about
/// the packet quotes what the sender sent, and goes back to the sender, whatever has become of the packet since.
/// </summary>
internal sealed class Origin
{
    /// <summary>
    /// Room for Ethernet, IPv4 and TCP headers with nearly all options that there can be. Nobody changes what is behind them.
    /// </summary>
    private const int Size = 128;

    private readonly byte[] _bytes = new byte[Size];

    /// <summary>The station that handles it; null: nobody is told of an error.</summary>
    public InnerPort? Station { get; private set; }

    /// <summary>Its source address on the link.</summary>
    public ulong Sender { get; private set; }

    /// <summary>The port that it came in by, for which errors count.</summary>
    public Port? Input { get; private set; }

    /// <summary>Notes the packet that a station has begun to handle.</summary>
    public unsafe void Note(InnerPort station, in Frame frame, Port input)
    {
        Station = station;
        Sender = frame.Source;
        Input = input;
        // SAFETY: a head has room for far more, and what is behind the frame's end is never quoted.
        Unsafe.CopyBlockUnaligned(ref _bytes[0], ref *frame.Head, Size);
    }

    public void Forget() => (Station, Input) = (null, null);

    public void CopyTo(Origin other)
    {
        (other.Station, other.Sender, other.Input) = (Station, Sender, Input);
        _bytes.CopyTo(other._bytes, 0);
    }

    /// <summary>Writes the first bytes as they came over those that a frame has now.</summary>
    public void Restore(Span<byte> frame) => _bytes.AsSpan(0, int.Min(Size, frame.Length)).CopyTo(frame);

    /// <summary>Has the station handle the packet anew, as it came, with what that uses up counted for the port that has brought
    /// it.</summary>
    /// <param name="made">Where it was restored to.</param>
    /// <param name="index">Its place there.</param>
    /// <param name="input">The place of the port that it came in by.</param>
    /// <returns>Why it goes no further, if it doesn't.</returns>
    public DropReason TakeAgain(Turn turn, Burst made, int index, Membership? input)
    {
        if (Station is not { } station)
            return DropReason.RouteChanged;
        if (input is not { IsAttached: true })
            return DropReason.PortDown;
        ref var frame = ref made[index];
        Restore(frame.HeadBytes);
        frame.Source = Sender;
        var before = turn.GoOnWith(made, input, this);
        var drop = station.TakeAgain(turn, index, ref frame);
        turn.GoBack(before);
        return drop;
    }

    /// <summary>Tells the sender that the next neighbor can't be reached. The frame becomes what it was, and goes no further.</summary>
    public void ReportLost(Turn turn, Span<byte> frame)
    {
        if (Station is not { } station)
            return;
        Restore(frame);
        station.ReportLost(turn, this, frame);
    }

    /// <summary>Tells the sender that the packet is too long for the port by which it was to leave. The frame becomes what it was, and goes
    /// no further.</summary>
    /// <param name="mtu">What leaves by that port.</param>
    public void ReportTooLong(Turn turn, Span<byte> frame, int mtu)
    {
        if (Station is not { } station)
            return;
        Restore(frame);
        station.ReportTooLong(turn, this, frame, mtu);
    }
}
