using System.Buffers.Binary;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;
using SoftSwitch.Tests.Routing;

namespace SoftSwitch.Tests.Services.Dns;

/// <summary>Guests that ask by TCP. Numbers are told from the first of each side: the guest's bytes begin at 1, ours at 1.</summary>
public sealed class DnsStreamTests : IDisposable
{
    private const uint Ours = 1_000_000;

    private readonly DnsRig _net = new(hasStreams: true);
    private uint _theirs;

    public void Dispose() => _net.Dispose();

    [Fact]
    public void A_question_is_answered_and_the_connection_ends_when_the_guest_ends_it()
    {
        Assert.Equal("SA 0 ack 1", Open());
        Assert.Equal("A 1 ack 24 NoError own web 0 A 10.10.0.10", Say(TcpFlags.Ack, 1, 1, Question("web A")));
        Assert.Equal("", Say(TcpFlags.Ack, 24, 40));
        Assert.Equal("FA 40 ack 25", Say(TcpFlags.Ack | TcpFlags.Fin, 24, 40));
        Assert.Equal("", Say(TcpFlags.Ack, 25, 41));
        // It is gone.
        Assert.Equal("", Say(TcpFlags.Ack, 25, 41));
        Assert.Equal(1, _net.Drops(0, DropReason.NotRouted));
    }

    [Fact]
    public void Several_questions_are_answered_in_their_order_and_in_pieces_as_well()
    {
        Open();
        byte[] asked = [.. Question("web A"), .. Question("gateway A"), .. Question("no.dev.internal A")];
        Assert.Equal("A 1 ack 2", Say(TcpFlags.Ack, 1, 1, asked[..1]));
        Assert.Equal("A 1 ack 30 NoError own web 0 A 10.10.0.10", Say(TcpFlags.Ack, 2, 1, asked[1..29]));
        var rest = Say(TcpFlags.Ack, 30, 40, asked[29..]);
        Assert.StartsWith($"A 40 ack {1 + asked.Length} NoError own gateway 0 A 10.10.0.1", rest, StringComparison.Ordinal);
        Assert.Contains("NameError own | dev.internal 0 SOA", rest, StringComparison.Ordinal);
    }

    /// <summary>Linux fills half of the largest window with a segment, and hands over several as one.</summary>
    [Fact]
    public void Questions_may_come_in_a_super_frame()
    {
        Open();
        byte[] asked = [.. Enumerable.Repeat(Question("web A"), 40).SelectMany(question => question)];
        var frame = Frame(TcpFlags.Ack, 1, 1, asked, 1000);
        var offload = new VirtioNetHeader
        {
            Flags = VirtioNetFlags.NeedsChecksum,
            ChecksumStart = 34,
            ChecksumOffset = TcpHeader.ChecksumOffset,
            GsoType = GsoType.TcpV4,
            GsoSize = 513,
            HeaderLength = 54,
        };
        _net.Rig.Carry(0, frame, offload);
        var (bytes, _) = Hear();
        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        Assert.Equal(40 * (2 + length), bytes.Length);
        Assert.Equal("NoError own web 0 A 10.10.0.10", DnsText.Of(bytes.AsSpan(2, length)));
        Assert.Equal(0, _net.Drops(0, DropReason.PacketMalformed));
    }

    [Fact]
    public void What_others_know_comes_when_it_is_known_and_has_any_length()
    {
        Open();
        Assert.Equal("A 1 ack 36", Say(TcpFlags.Ack, 1, 1, Question("www.example.org A")));
        Assert.NotNull(_net.HearQuestion());
        _net.Answer(DnsCode.NoError, [.. Enumerable.Range(1, 200).Select(i => $"QNAME 60 A 192.0.2.{i}")]);
        var (bytes, segments) = Hear();
        // The guest has said nothing of how long they may be.
        Assert.Equal(7, segments);
        Assert.Equal(200, new DnsReader(bytes.AsSpan(2)).Answers);
        Assert.Equal(bytes.Length - 2, BinaryPrimitives.ReadUInt16BigEndian(bytes));
    }

    /// <summary>Only with pointers has it room in a message, as it had where it came from.</summary>
    [Fact]
    public void The_longest_answer_is_handed_on_whole()
    {
        Open();
        Say(TcpFlags.Ack, 1, 1, Question("wWw.example.org A"));
        Assert.NotNull(_net.HearQuestion());
        var records = Enumerable.Range(0, 4090).Select(i => $"QNAME 60 A 192.0.{i / 256}.{i % 256}");
        Assert.Equal(UpstreamVerdict.IsAnswer, _net.Answer(DnsCode.NoError, [.. records]));
        var heard = new List<byte>();
        while (Hear() is { Segments: > 0 } said)
        {
            heard.AddRange(said.Bytes);
            _net.Rig.Carry(0, Frame(TcpFlags.Ack, 36, (uint)(1 + heard.Count), [], 1000));
        }
        Assert.Equal(2 + 12 + 21 + 4090 * 16, heard.Count);
        var answer = DnsText.Of(heard.ToArray().AsSpan(2));
        Assert.StartsWith("NoError wWw.example.org 60 A 192.0.0.0 wWw.example.org 60 A 192.0.0.1 ", answer, StringComparison.Ordinal);
        Assert.EndsWith(" 192.0.15.249", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_lost_is_said_again_and_what_comes_twice_is_taken_once()
    {
        Open();
        Say(TcpFlags.Ack, 1, 1, Question("web A"));
        _net.Later(1.1, clears: false);
        Assert.Equal("A 1 ack 24 NoError own web 0 A 10.10.0.10", Words());
        // His own, once more; and one that is ahead of what is missing.
        Assert.Equal("A 40 ack 24", Say(TcpFlags.Ack, 1, 1, Question("web A")));
        Assert.Equal("A 40 ack 24", Say(TcpFlags.Ack, 30, 1, Question("web A")));
        for (var i = 0; i < 12; i++)
            _net.Later(1, clears: i < 5);
        Assert.Contains("RA", Words(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_guest_that_sends_its_first_again_hears_the_same()
    {
        Open();
        _net.Later(1.1, clears: false);
        Assert.Equal("SA 0 ack 1", Words());
        Assert.Equal("SA 0 ack 1", Say(TcpFlags.Syn, 0, 0));
    }

    [Fact]
    public void Silence_and_nonsense_end_it()
    {
        Open();
        Assert.Equal("RA 1 ack 1027", Say(TcpFlags.Ack, 1, 1, [0xFF, 0xFF, .. new byte[1100]]));
        Open();
        Assert.Equal("RA 1 ack 16", Say(TcpFlags.Ack, 1, 1, [0, 13, 0, 1, 0x80, .. new byte[10]]));
        Open();
        Say(TcpFlags.Ack, 1, 1);
        _net.Later(11, clears: false);
        Assert.Equal("RA 1 ack 1", Words());
    }

    [Fact]
    public void A_port_has_so_many_and_one_more_ends_its_oldest()
    {
        for (var i = 0; i <= Limits.DnsConnections.Most; i++)
        {
            _net.Later(0.01);
            var words = Open((ushort)(2000 + i));
            Assert.Equal(i == Limits.DnsConnections.Most, words.StartsWith("RA", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Whatever_is_said_nothing_breaks()
    {
        var random = new Random(9293);
        for (var i = 0; i < 20_000; i++)
        {
            var payload = new byte[random.Next(4) == 0 ? random.Next(300) : 0];
            random.NextBytes(payload);
            var frame = Frame((TcpFlags)random.Next(64), (uint)random.Next(30), (uint)random.Next(60), payload,
                (ushort)(2000 + random.Next(40)));
            if (random.Next(8) == 0)
                frame[34 + random.Next(20)] = (byte)random.Next(256);
            _net.Rig.Carry(0, frame);
            if (i % 100 == 0)
                _net.Later(random.Next(20));
            _net.Rig.Received(0);
        }
    }

    private static byte[] Question(string question)
    {
        var words = question.Split(' ');
        Span<byte> message = new byte[512];
        var writer = new DnsWriter(message, 7, DnsHeader.RecursionDesired);
        writer.TryAsk(DnsText.Name(words[0]), DnsText.Type(words[1]));
        return [(byte)(writer.Length >> 8), (byte)writer.Length, .. message[..writer.Length]];
    }

    private string Open(ushort port = 1000) => Say(TcpFlags.Syn, 0, 0, [], port);

    private string Say(TcpFlags flags, uint sequence, uint acknowledged, byte[]? payload = null, ushort port = 1000)
    {
        _net.Rig.Carry(0, Frame(flags, sequence, acknowledged, payload ?? [], port));
        return Words();
    }

    private byte[] Frame(TcpFlags flags, uint sequence, uint acknowledged, byte[] payload, ushort port)
    {
        var spec = GatewayRig.From(0, "10.10.0.1", IpProtocol.Tcp);
        var frame = (spec with { FromPort = port, ToPort = DnsHeader.Port, Payload = payload.Length }).Build();
        var tcp = frame.AsSpan(34, 20 + payload.Length);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[TcpHeader.SequenceOffset..], Ours + sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[TcpHeader.AcknowledgementOffset..], _theirs + acknowledged);
        tcp[TcpHeader.DataOffsetOffset] = 0x50;
        tcp[TcpHeader.FlagsOffset] = (byte)flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[TcpHeader.WindowOffset..], 60_000);
        payload.CopyTo(tcp[20..]);
        tcp[TcpHeader.ChecksumOffset..][..2].Clear();
        var sum = PseudoHeader.Sum(frame, 14, isIpv6: false, IpProtocol.Tcp, tcp.Length);
        sum.Add(tcp);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[TcpHeader.ChecksumOffset..], sum.Value);
        return frame;
    }

    private (byte[] Bytes, int Segments) Hear()
    {
        var heard = _net.Heard(0).Where(packet => packet.Payload.Length > 0).ToList();
        return ([.. heard.SelectMany(packet => packet.Payload)], heard.Count);
    }

    /// <summary>What the guest has heard: flags, number, what is acknowledged, and answers.</summary>
    private string Words()
    {
        var words = new List<string>();
        foreach (var frame in _net.Rig.Received(0).Select(frame => frame.Bytes).Where(bytes => bytes[23] == IpProtocol.Tcp))
        {
            var tcp = frame.AsSpan(34);
            var length = BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(16)) - 20;
            var flags = (TcpFlags)tcp[TcpHeader.FlagsOffset];
            var sequence = BinaryPrimitives.ReadUInt32BigEndian(tcp[TcpHeader.SequenceOffset..]);
            if ((flags & TcpFlags.Syn) != 0)
                _theirs = sequence;
            var letters = string.Concat("FSRPAU".Where((letter, bit) => letter != 'P' && ((byte)flags >> bit & 1) != 0));
            words.Add($"{letters} {sequence - _theirs} ack {BinaryPrimitives.ReadUInt32BigEndian(tcp[8..]) - Ours}");
            var payload = tcp[TcpHeader.LengthOf(tcp)..length];
            while (payload.Length > 2)
            {
                int whole = BinaryPrimitives.ReadUInt16BigEndian(payload);
                words.Add(DnsText.Of(payload.Slice(2, whole)));
                payload = payload[(2 + whole)..];
            }
        }
        return string.Join(' ', words);
    }
}
