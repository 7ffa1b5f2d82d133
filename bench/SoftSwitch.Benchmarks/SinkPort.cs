using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Benchmarks;

/// <summary>A port that swallows what it is given, for measurements of what comes before it.</summary>
internal sealed class SinkPort(string name, PortOffloads offloads = PortOffloads.None) : Port(name, 1500, 1)
{
    public override PortOffloads Offloads => offloads;

    public override int OffloadHeaderLength => VirtioNetHeader.Size;

    public long Swallowed { get; private set; }

    public override bool Receive(Burst burst) => false;

    public override void Transmit(TransmitBatch batch) => Swallowed += batch.Count;
}
