using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

/// <summary>A NAT behind 203.0.113.1 with a clock of its own: a packet in, a verdict and a packet out.</summary>
internal sealed unsafe class NatRig : IDisposable
{
    public static readonly Ipv4Address Outside = Ipv4Address.Parse("203.0.113.1");

    private readonly Burst _burst = new();
    private readonly ReleasedFragments _releasedOut = new(), _releasedIn = new();
    private readonly bool _isShared;

    public NatRig(params NaptPolicy[] policies) : this(1 << 14, policies)
    {
    }

    public NatRig(int capacity, params NaptPolicy[] policies)
    {
        Log = new();
        NaptOptions options = new() { OutsideAddress = Outside, Capacity = capacity, Seed = 7, Log = Log };
        Napt = Translator.Of(options, policies.Length == 0 ? [new()] : policies);
    }

    /// <summary>One worker's way to a NAT that others use too, and that is somebody else's to end.</summary>
    public NatRig(Napt napt) => (Napt, Log, _isShared) = (napt, new(), true);

    public Napt Napt { get; }

    public NaptFlowLog Log { get; }

    public Instant Now { get; set; } = new(100_000);

    public List<NaptFlow> Flows
    {
        get
        {
            var flows = new List<NaptFlow>();
            Napt.CopyTo(flows, Now);
            return flows;
        }
    }

    public void Wait(int seconds) => Now += TimeSpan.FromSeconds(seconds);

    public void Sweep() => Napt.Sweep(Now, int.MaxValue);

    /// <summary>The one flow that there is lives for so many seconds, and not for one more.</summary>
    public void LastsFor(int seconds)
    {
        Wait(seconds);
        Sweep();
        Assert.Single(Flows);
        Wait(1);
        Sweep();
        Assert.Empty(Flows);
    }

    /// <summary>An inside host's packet, which must cross.</summary>
    public NatPacket Out(string packet, int policy = 0, int port = 0) => Crossed(Outbound(packet, policy, port));

    /// <param name="port">The port that it comes by; 0: each inside address is behind one of its own.</param>
    public NatResult Outbound(string packet, int policy = 0, int port = 0) =>
        Outbound(NatPacket.Parse(packet).Build(), policy: policy, port: port);

    public NatResult Outbound(byte[] frame, VirtioNetHeader offload = default, int policy = 0, int port = 0) =>
        Carry(frame, offload, policy, port);

    /// <summary>An outsider's packet, which must cross.</summary>
    public NatPacket In(string packet) => Crossed(Inbound(packet));

    public NatResult Inbound(string packet) => Inbound(NatPacket.Parse(packet).Build());

    public NatResult Inbound(byte[] frame, VirtioNetHeader offload = default) => Carry(frame, offload, -1, 0);

    /// <summary>An inside host's packet to the outside address, both ways.</summary>
    public NatResult Hairpin(string packet, int policy = 0)
    {
        var outbound = Outbound(packet, policy);
        return outbound.Verdict == NaptVerdict.Translated ? Inbound(outbound.Frame) : outbound;
    }

    /// <summary>Opens a TCP connection from inside; the answer's destination is the outside port.</summary>
    public NatPacket Connect(string ends, int policy = 0)
    {
        var syn = Out($"{ends} S seq=1000", policy);
        var remote = $"tcp {syn.Destination}:{syn.DestinationPort} > {syn.Source}:{syn.SourcePort}";
        In($"{remote} SA seq=5000 ack=1001");
        Out($"{ends} A seq=1001 ack=5001", policy);
        return syn;
    }

    public NaptFlowState StateOf(ushort outsidePort) => Flows.Single(flow => flow.OutsidePort == outsidePort).State;

    /// <summary>Takes what the last first fragment has released.</summary>
    public List<byte[]> Released(bool outbound)
    {
        var frames = new List<byte[]>();
        var released = outbound ? _releasedOut : _releasedIn;
        while (released.TryTake(out var frame, out _))
        {
            frames.Add(frame.Bytes.ToArray());
            released.Return(frame);
        }
        return frames;
    }

    public void Dispose()
    {
        if (!_isShared)
            Napt.Dispose();
        _burst.Dispose();
    }

    private static NatPacket Crossed(NatResult result)
    {
        Assert.Equal(DropReason.None, result.Drop);
        Assert.Equal(NaptVerdict.Translated, result.Verdict);
        return result.Packet;
    }

    private NatResult Carry(byte[] bytes, VirtioNetHeader offload, int policy, int port)
    {
        _burst.Clear();
        byte* head = _burst.HeadOf(0), body = _burst.BodyOf(0);
        var headLength = int.Min(bytes.Length, Burst.HeadCapacity);
        bytes.AsSpan(0, headLength).CopyTo(new(head, headLength));
        bytes.AsSpan(headLength).CopyTo(new(body, Burst.BodyCapacity));
        ref var frame = ref _burst.Add(bytes.Length, body);
        frame.Offload = offload;
        Admission.Admit(ref frame);
        Assert.Equal(DropReason.None, frame.Drop);
        Assert.True(Ipv4Layout.TryRead(frame.HeadBytes, frame.PacketOffset, frame.Length, out var packet), "no IPv4 packet");
        var before = frame.HeadBytes.ToArray();
        var inside = policy;
        var owner = (ushort)(port > 0 ? (uint)port : (packet.Source.Value & 0x7FFF) + 1);
        var verdict = policy >= 0
            ? Napt.Outbound(ref frame, packet, policy, owner, Now, _releasedOut)
            : Napt.Inbound(ref frame, packet, Now, _releasedIn, out inside);
        if (verdict != NaptVerdict.Translated)
            Assert.Equal(before, frame.HeadBytes.ToArray());
        else if (!Ipv4Layout.TryRead(frame.HeadBytes, frame.PacketOffset, frame.Length, out var anew)
            || !anew.Equals(packet.Rewritten(frame.HeadBytes)))
            Assert.Fail("a translated packet isn't what is handed on");
        byte[] after = [.. frame.HeadBytes, .. frame.BodyCount == 0 ? [] : frame.BodyPieces[0].Bytes];
        return new(verdict, frame.Drop, inside, after[..bytes.Length], frame.Offload);
    }
}
