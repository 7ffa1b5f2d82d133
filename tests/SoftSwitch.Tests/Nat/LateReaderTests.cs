using System.Buffers.Binary;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

/// <summary>A worker that stood still between finding a flow and noting something there: the slot is another guest's by now.</summary>
public sealed class LateReaderTests
{
    [Theory]
    [InlineData(NatProtocol.Tcp)]
    [InlineData(NatProtocol.Udp)]
    public void A_late_reader_changes_nothing_that_another_flow_is_worth(int protocol)
    {
        using var flows = new FlowTable(capacity: 1, new Secrets(7));
        Assert.True(flows.TryAdd(FlowOf(1, protocol), now: 100, out var found));
        var late = found;
        int slot = NumberOf(flows, late), others = 0;
        do
        {
            Remove(flows, found);
            Assert.True(flows.TryAdd(FlowOf(2 + others, protocol), now: 100, out found));
        }
        while (NumberOf(flows, found) != slot && ++others < 10_000);
        Assert.False(late.IsStill);
        Assert.True(found.IsStill);
        Assert.True(TryChange(found, FlowState.Answered));
        foreach (var flags in new[] { TcpFlags.Syn, TcpFlags.Syn | TcpFlags.Ack, TcpFlags.Ack, TcpFlags.Fin | TcpFlags.Ack, TcpFlags.Rst })
        {
            Track(late, protocol, flags, fromInside: true);
            Track(late, protocol, flags, fromInside: false);
        }
        Assert.Equal(FlowState.Kept | FlowState.Answered, StateOf(found));
    }

    private static Flow FlowOf(int number, int protocol) => new()
    {
        Addresses = Flow.PackAddresses(new(0x0A00_0000 + (uint)number), new(0xC000_0207)),
        Ports = Flow.PackPorts(4000, (ushort)(1024 + number), 80, 0, protocol),
        State = FlowState.Kept,
        Began = 100,
    };

    private static unsafe int NumberOf(FlowTable flows, in FlowMatch match) => flows.NumberOf(match.Flow);

    private static unsafe void Remove(FlowTable flows, in FlowMatch match) => flows.Remove(match.Flow, now: 100);

    private static unsafe FlowState StateOf(in FlowMatch match) => match.Flow->State;

    private static unsafe bool TryChange(in FlowMatch match, FlowState add) => Flow.TryChange(ref *match.Flow, match.Version, add);

    private static unsafe void Track(in FlowMatch match, int protocol, TcpFlags flags, bool fromInside)
    {
        if (protocol == NatProtocol.Udp)
        {
            Assert.False(DatagramTracker.Track(ref *match.Flow, match.Version, fromInside, now: 103));
            return;
        }
        var header = new byte[TcpHeader.MinimumSize];
        header[TcpHeader.FlagsOffset] = (byte)flags;
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(TcpHeader.SequenceOffset), 1);
        Assert.False(TcpTracker.Track(ref *match.Flow, match.Version, fromInside, header, length: 0, now: 100));
    }
}
