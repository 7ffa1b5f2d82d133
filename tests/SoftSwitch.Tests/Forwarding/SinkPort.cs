using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>A port that fills bursts with frames made beforehand and swallows what it is given, and allocates nothing.</summary>
internal sealed unsafe class SinkPort(string name, PortOffloads offloads, byte[][] frames, VirtioNetHeader[] headers) : Port(name, 1500, 1)
{
    private int _next;

    public override PortOffloads Offloads => offloads;

    public override int OffloadHeaderLength => offloads == PortOffloads.None ? 0 : VirtioNetHeader.Size;

    public long Swallowed { get; private set; }

    public override bool Receive(Burst burst)
    {
        while (frames.Length > 0 && burst.Room > 0)
        {
            var frame = frames[_next];
            byte* head = burst.HeadOf(0), body = burst.BodyOf(0);
            var headLength = int.Min(frame.Length, Burst.HeadCapacity);
            frame.AsSpan(0, headLength).CopyTo(new Span<byte>(head, headLength));
            frame.AsSpan(headLength).CopyTo(new Span<byte>(body, Burst.BodyCapacity));
            burst.Add(frame.Length, body).Offload = headers[_next];
            _next = (_next + 1) % frames.Length;
        }
        return frames.Length > 0;
    }

    public override void Transmit(TransmitBatch batch) => Swallowed += batch.Count;
}
