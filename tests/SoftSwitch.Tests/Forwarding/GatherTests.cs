using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Tests.Nat;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>Frames in as many pieces as a port may lend: however they are cut, a batch has room for their gather lists.</summary>
public sealed unsafe class GatherTests
{
    [Theory]
    [InlineData(PortOffloads.None, 48)]
    [InlineData(PortOffloads.Checksum, 48)]
    [InlineData(PortOffloads.All, 48)]
    [InlineData(PortOffloads.None, 1448)]
    [InlineData(PortOffloads.None, 0)]
    public void A_frame_in_the_most_pieces_there_can_be_leaves_whole(PortOffloads offloads, int segment)
    {
        const int head = 60;
        var sent = NatPacket.Parse($"tcp 10.0.0.5:4000 > 192.0.2.7:80 A seq=1 ack=1 len={(segment == 0 ? 1400 : 64_000)} df");
        var bytes = sent.Build(isPartial: true);
        using var burst = new Burst();
        using var egress = new Egress(0);
        using var output = new MemoryPort("output", offloads, queueLength: 4096);
        var received = new List<byte>();
        fixed (byte* start = bytes)
        {
            var pieces = stackalloc IoVector[Burst.MaximumPieces];
            var length = (bytes.Length - head) / Burst.MaximumPieces;
            for (var round = 0; round < 3; round++)
            {
                for (var i = 0; i < Burst.MaximumPieces; i++)
                    pieces[i] = new(start + head + i * length, i < Burst.MaximumPieces - 1 ? length : bytes.Length - head - i * length);
                bytes.AsSpan(0, head).CopyTo(new Span<byte>(burst.HeadOf(0), head));
                ref var frame = ref burst.Add(head, pieces, Burst.MaximumPieces);
                frame.Offload = sent.Offload(segment);
                Admission.Admit(ref frame);
                Assert.Equal(DropReason.None, frame.Drop);
                var sends = int.MaxValue;
                egress.Transmit(burst, output, burst.All, ref sends);
                received.Clear();
                while (output.TryTake(out var part))
                {
                    received.AddRange(part.Bytes[54..]);
                    MemoryPort.Return(part);
                }
                Assert.True(received[..sent.Payload.Length].SequenceEqual(sent.Payload));
                burst.Clear();
            }
        }
        Assert.Equal(0, output.Total().OutDropsTotal);
    }
}
