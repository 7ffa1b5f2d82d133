using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;

namespace SoftSwitch.Tests.Nat.Fuzzing;

/// <summary>
/// A NAT under hostile frames from both sides. Of every frame that crosses: only what translating changes has changed, no inside address is
/// left in it, and each checksum is exactly as right or wrong as it was. What doesn't cross is untouched. Now and then: no port is two
/// insiders' own, none has two, and no two flows could claim the same answer.
/// </summary>
internal sealed unsafe class NatFuzzRun(int seed) : IDisposable
{
    private const ushort FirstPort = 20_000;
    private const ushort LastPort = 20_099;

    private readonly NatGenerator _generator = new(seed);
    private readonly Random _random = new(seed);
    private readonly Burst _burst = new();
    private readonly ReleasedFragments _released = new();
    private readonly Napt _napt = Translator.Of(
        new() { OutsideAddress = new(NatGenerator.Outside), Capacity = 600, Seed = seed },
        new NaptPolicy { FirstPort = FirstPort, LastPort = LastPort, Filtering = NaptFiltering.EndpointIndependent },
        new NaptPolicy
        {
            FirstPort = FirstPort, LastPort = LastPort, Filtering = NaptFiltering.AddressDependent,
            MappingsPerOwner = 8, FlowsPerOwner = 30,
        });

    private readonly HashSet<(Ipv4Address, int)> _insiders = [];
    private Instant _now = new(100_000);

    /// <summary>Frames that crossed.</summary>
    public long Translated { get; private set; }

    /// <summary>Errors that crossed.</summary>
    public long Errors { get; private set; }

    /// <summary>Fragments that crossed after they had waited.</summary>
    public long Released { get; private set; }

    /// <summary>Sends frames and judges what comes of them.</summary>
    /// <exception cref="InvalidDataException">What came out is wrong.</exception>
    public void Run(long frames)
    {
        for (long i = 0; i < frames; i++)
        {
            var isOutbound = _random.Next(2) == 0;
            var network = (uint)_random.Next(2);
            var bytes = _generator.Next(isOutbound, network, out var offload);
            try
            {
                Carry(bytes, offload, isOutbound, (int)network);
            }
            catch (Exception e)
            {
                throw new InvalidDataException(
                    $"{e.Message}; seed {seed}, frame {i}, {(isOutbound ? "out" : "in")}, {Convert.ToHexString(bytes)}", e);
            }
            if (i % 512 == 0)
                JudgeFlows();
            if (_random.Next(100) == 0)
            {
                _now += TimeSpan.FromSeconds(_random.Next(60));
                _napt.Sweep(_now, _random.Next(300));
            }
        }
    }

    public void Dispose()
    {
        _napt.Dispose();
        _burst.Dispose();
    }

    private void Carry(ReadOnlySpan<byte> bytes, VirtioNetHeader offload, bool isOutbound, int network)
    {
        _burst.Clear();
        var headLength = int.Min(bytes.Length, Burst.HeadCapacity);
        bytes[..headLength].CopyTo(new(_burst.HeadOf(0), Burst.HeadCapacity));
        bytes[headLength..].CopyTo(new(_burst.BodyOf(0), Burst.BodyCapacity));
        ref var frame = ref _burst.Add(bytes.Length, _burst.BodyOf(0));
        frame.Offload = offload;
        Admission.Admit(ref frame);
        if (frame.Drop != DropReason.None || frame.EtherType != EtherType.Ipv4
            || !Ipv4Layout.TryRead(frame.HeadBytes, frame.PacketOffset, frame.Length, out var packet))
            return;

        _napt.Prefetch(isOutbound ? _napt.PrefetchOutbound(frame, network) : _napt.PrefetchInbound(frame));
        var before = Whole(frame);
        var policy = network;
        var verdict = isOutbound
            ? _napt.Outbound(ref frame, packet, network, (ushort)_random.Next(1, 5), _now, _released)
            : _napt.Inbound(ref frame, packet, _now, _released, out policy);
        var after = Whole(frame);
        Need(verdict is NaptVerdict.Dropped or NaptVerdict.Prohibited == (frame.Drop != DropReason.None),
            "a verdict without a reason, or a reason without a drop");
        if (verdict != NaptVerdict.Translated)
        {
            Need(before.AsSpan().SequenceEqual(after), "a frame changed that was not translated");
            Need(isOutbound ? verdict != NaptVerdict.NotOurs : verdict != NaptVerdict.Prohibited, "a verdict of the other direction");
            Need(verdict != NaptVerdict.Held || packet.IsFragment, "a whole packet was held");
        }
        else
        {
            Translated++;
            if (isOutbound)
                _insiders.Add((packet.Source, network));
            _generator.Crossed(after, frame.PacketOffset, isOutbound);
            // What is partial may be something inside a UDP tunnel: then the checksum that the translation mends is whole.
            var isPartial = frame.Offload.NeedsChecksum && frame.Offload.ChecksumStart == packet.TransportOffset;
            Judge(before, after, packet, isPartial || (frame.Offload.Flags & VirtioNetFlags.UdpTunnelChecksum) != 0, isOutbound, policy);
        }
        while (_released.TryTake(out var released, out var handed))
        {
            Released++;
            Need(verdict is NaptVerdict.Translated or NaptVerdict.NotOurs && packet.IsFragment, "released by nobody");
            Need(Ipv4Layout.TryRead(released.Bytes, 14, released.Bytes.Length, out var fragment), "a released fragment's header is wrong");
            Need(fragment.Equals(handed), "the layout that was handed on isn't that of the bytes");
            if (verdict == NaptVerdict.Translated)
                JudgeAddresses(fragment, isOutbound, policy);
            else
                Need(policy == -1 && fragment.Destination == packet.Destination && fragment.Source == packet.Source,
                    "what isn't ours was changed");
            Need(fragment.IsFragment && fragment.FragmentOffset > 0, "a released frame that is no later fragment");
            _released.Return(released);
        }
    }

    private void Judge(byte[] before, byte[] after, in Ipv4Layout packet, bool isPartial, bool isOutbound, int policy)
    {
        Need(Ipv4Layout.TryRead(after, packet.NetworkOffset, after.Length, out var translated), "the header's checksum is wrong");
        JudgeAddresses(translated, isOutbound, policy);
        Need(isOutbound ? translated.Destination == packet.Destination : translated.Source == packet.Source,
            "the other end's address changed");
        var isError = packet.Protocol == IpProtocol.Icmp && packet.FragmentOffset == 0
            && IcmpHeader.IsError(before[packet.TransportOffset]);
        if (isError)
        {
            Errors++;
            JudgeInner(after, translated, isOutbound, policy);
        }

        // What may change: an address, the header's checksum, the identification of what may be fragmented; a port and a checksum, or an
        // error's inside.
        int network = packet.NetworkOffset, transport = packet.TransportOffset;
        var sum = packet.Protocol switch { IpProtocol.Tcp => 16, IpProtocol.Udp => 6, _ => 2 };
        var port = packet.Protocol == IpProtocol.Icmp ? 4 : isOutbound ? 0 : 2;
        for (var i = 0; i < before.Length; i++)
        {
            if (before[i] == after[i])
                continue;
            var at = i - network;
            var inHeader = at is 10 or 11 || (at is 4 or 5 && isOutbound && (packet.IsFragment || !packet.DontFragment))
                || (isOutbound ? at is >= 12 and < 16 : at is >= 16 and < 20);
            at = i - transport;
            var inTransport = packet.FragmentOffset == 0
                && (at == sum || at == sum + 1 || (isError ? at >= 8 && at < packet.PayloadLength : at == port || at == port + 1));
            Need(inHeader || inTransport, $"byte {i} changed");
        }
        if (packet.IsFragment)
            return;
        int sumBefore = Residue(before, packet, isPartial), sumAfter = Residue(after, translated, isPartial);
        var hasNone = packet.Protocol == IpProtocol.Udp && !isPartial && before[transport + 6] == 0 && before[transport + 7] == 0;
        if (hasNone)
            Need(after[transport + 6] == 0 && after[transport + 7] == 0, "a UDP checksum where there was none");
        else
            Need(sumBefore == sumAfter, $"the checksum was off by {sumBefore} and is by {sumAfter}");
        if (packet.Protocol == IpProtocol.Udp && !isPartial && !hasNone)
            Need(after[transport + 6] != 0 || after[transport + 7] != 0, "a UDP checksum that says none");
    }

    private void JudgeAddresses(in Ipv4Layout packet, bool isOutbound, int policy)
    {
        if (isOutbound)
            Need(packet.Source.Value == NatGenerator.Outside, "an inside source outside");
        else
            Need(IsInside(packet.Destination, policy), "sent to nobody inside");
    }

    private void JudgeInner(byte[] after, in Ipv4Layout packet, bool isOutbound, int policy)
    {
        var inner = after.AsSpan(packet.TransportOffset + 8, packet.PayloadLength - 8);
        Need(Wire.Sum(inner[..((inner[0] & 15) * 4)]) == 0xFFFF, "the inner header's checksum is wrong");
        var ours = Ipv4Address.Read(inner[(isOutbound ? 16 : 12)..]);
        Need(isOutbound ? ours.Value == NatGenerator.Outside : ours == packet.Destination && IsInside(ours, policy),
            "the inner address is wrong");
    }

    /// <summary>An address that has sent something out from that network.</summary>
    private bool IsInside(Ipv4Address address, int policy) => _insiders.Contains((address, policy));

    /// <summary>By how much the transport's checksum is off: the sum of everything that it is over and itself, but for 0xFFFF.</summary>
    private static int Residue(byte[] frame, in Ipv4Layout packet, bool isPartial)
    {
        var transport = frame.AsSpan(packet.TransportOffset, packet.PayloadLength);
        var addresses = frame.AsSpan(packet.NetworkOffset + 12, 8);
        var field = packet.Protocol == IpProtocol.Tcp ? 16 : 6;
        if (packet.Protocol == IpProtocol.Icmp)
            return isPartial ? BinaryPrimitives.ReadUInt16BigEndian(transport[2..]) : Wire.Sum(transport) % 0xFFFF;
        // Of a partial checksum: what the field is more than the addresses' sum.
        return isPartial
            ? (BinaryPrimitives.ReadUInt16BigEndian(transport[field..]) + 0xFFFF - Wire.Sum(addresses)) % 0xFFFF
            : (Wire.Sum(addresses) + Wire.Sum(transport)) % 0xFFFF;
    }

    private void JudgeFlows()
    {
        var flows = new List<NaptFlow>();
        _napt.CopyTo(flows, _now);
        Need(flows.Count <= 600, "too many flows");
        Need(flows.DistinctBy(flow => (flow.Protocol, flow.OutsidePort, flow.Remote, flow.RemotePort)).Count() == flows.Count,
            "two flows for one answer");
        foreach (var port in flows.Where(flow => !flow.Overlapped).GroupBy(flow => (flow.Protocol, flow.OutsidePort)))
            Need(port.DistinctBy(flow => (flow.Policy, flow.Inside, flow.InsidePort)).Count() == 1, "two insiders share a port");
        foreach (var end in flows.Where(flow => !flow.Overlapped)
            .GroupBy(flow => (flow.Protocol, flow.Policy, flow.Inside, flow.InsidePort)))
            Need(end.DistinctBy(flow => flow.OutsidePort).Count() == 1, "an insider has two ports");
        Need(flows.All(flow => flow.OutsidePort is >= FirstPort and <= LastPort), "a port out of range");
    }

    private static byte[] Whole(in Frame frame) => [.. frame.HeadBytes, .. frame.BodyCount == 0 ? [] : frame.BodyPieces[0].Bytes];

    private static void Need(bool condition, string otherwise)
    {
        if (!condition)
            throw new InvalidDataException(otherwise);
    }
}
