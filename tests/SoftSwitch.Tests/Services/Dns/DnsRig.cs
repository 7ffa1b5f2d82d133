using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;
using SoftSwitch.Tests.Forwarding;
using SoftSwitch.Tests.Nat;
using SoftSwitch.Tests.Routing;

namespace SoftSwitch.Tests.Services.Dns;

/// <summary>A network <c>dev</c>, 10.10.0.0/24, whose station 10.10.0.1 is a server of DNS, guests at ports 0 to 3, and a resolver
/// elsewhere that knows what it is told to know. What they say is written as in <see cref="DnsText"/>.</summary>
internal sealed class DnsRig : IDisposable
{
    private readonly StationRig _net = new(hasServices: false, asks: true);
    private readonly Random _random = new(5452);
    private readonly Queue<(DnsWaiters Question, UpstreamQuery Query)> _asked = new();
    private ushort _id = 0x100;

    public DnsRig(bool hasStreams = false)
    {
        Rig.Add();
        Rig.Add();
        var scope = new DnsScope
        {
            Server = Ipv4Address.Parse("10.10.0.1"),
            Subnet = GatewayRig.Subnet("10.10.0.0/24"),
            Domain = DnsText.Name("dev.internal"),
            Suffixes = [.. ((string[])["", "dev", "dev.internal"]).Select(suffix => (ReadOnlyMemory<byte>)DnsText.Name(suffix))],
        };
        Give(scope, "gateway", "10.10.0.1");
        Give(scope, "web", "10.10.0.10");
        Server = new(scope, null) { QuestionsAreWanted = () => HaveRung++ };
        _net.Station.Services = hasStreams ? new(Server.Row, new DnsStreams(Server).Row) : new(Server.Row);
    }

    public Rig Rig => _net.Rig;

    public DnsServer Server { get; }

    public UpstreamPlaces Places { get; } = new();

    /// <summary>How often the server has said that others are to be asked.</summary>
    public int HaveRung { get; private set; }

    /// <summary>The last answer as it came.</summary>
    public byte[] Last { get; private set; } = [];

    public static void Give(DnsScope scope, string label, string address)
    {
        foreach (var name in (string[])[label, $"{label}.dev", $"{label}.dev.internal"])
            scope.Names[new(DnsText.Name(name))] = [Ipv4Address.Parse(address)];
        scope.Addresses[Ipv4Address.Parse(address)] = DnsText.Name($"{label}.dev.internal");
    }

    /// <summary>The IPv4 packets that a guest has heard since.</summary>
    public List<NatPacket> Heard(int port) => _net.Heard(port);

    /// <param name="clears">What guests hear then is forgotten.</param>
    public void Later(double seconds, bool clears = true)
    {
        Rig.Now += TimeSpan.FromSeconds(seconds);
        Rig.Tick(_net.Station);
        if (clears)
            Clear();
    }

    /// <summary>A guest asks, and hears an answer at once or nothing.</summary>
    /// <param name="port">Behind which port.</param>
    /// <param name="question">Such as <c>www.example.org A</c>.</param>
    /// <param name="size">What it takes by EDNS; 0: it doesn't know that.</param>
    /// <param name="flags">The message's.</param>
    public string Ask(int port, string question, ushort size = 0, ushort flags = DnsHeader.RecursionDesired, bool isSecure = false,
        byte version = 0, ushort? id = null)
    {
        Span<byte> message = new byte[512];
        var words = question.Split(' ');
        var writer = new DnsWriter(message, id ?? ++_id, flags);
        Assert.True(writer.TryAsk(DnsText.Name(words[0]), DnsText.Type(words[1])));
        if (size > 0)
            new DnsExtension(size, 0, version, isSecure).TryWrite(ref writer);
        return Say(port, message[..writer.Length]);
    }

    /// <summary>A guest says something, whatever it is.</summary>
    public string Say(int port, ReadOnlySpan<byte> payload)
    {
        Carry(port, payload);
        return Hear(port);
    }

    public void Carry(int port, ReadOnlySpan<byte> payload)
    {
        var frame = StationRig.To(DnsHeader.Port, port, payload.Length).Build();
        payload.CopyTo(frame.AsSpan(42));
        frame.AsSpan(40, 2).Clear();
        Rig.Carry(port, frame);
    }

    /// <summary>What a guest has heard from the server since; nobody else has heard it.</summary>
    public string Hear(int port)
    {
        var heard = _net.Heard(port).Where(packet => packet.SourcePort == DnsHeader.Port).ToList();
        if (heard.Count == 0)
            return "";
        Last = heard[^1].Payload;
        return string.Join(" + ", heard.Select(packet => DnsText.Of(packet.Payload)));
    }

    /// <summary>The resolver hears a question.</summary>
    /// <returns>What it is asked; null: nothing.</returns>
    public string? HearQuestion(bool isPlain = false)
    {
        if (Server.TakeWanted(Places, Rig.Now) is not { } wanted)
            return null;
        var chance = new byte[UpstreamQuery.ChanceBytes];
        _random.NextBytes(chance);
        _asked.Enqueue((wanted, new(wanted, chance, isPlain)));
        return $"{DnsName.ToText(wanted.Name)} {(wanted.Type == DnsType.A ? "A" : $"TYPE{wanted.Type}")}";
    }

    /// <summary>The resolver answers what it was asked first.</summary>
    /// <param name="code">What it has found.</param>
    /// <param name="records">Its answers, and behind a bar its authorities.</param>
    public UpstreamVerdict Answer(DnsCode code, params string[] records) => Answer(message => message, code, records);

    /// <inheritdoc cref="Answer(DnsCode, string[])"/>
    /// <param name="change">Makes something else of the answer.</param>
    public UpstreamVerdict Answer(Func<byte[], byte[]> change, DnsCode code, params string[] records)
    {
        var (wanted, query) = _asked.Peek();
        Span<byte> message = new byte[DnsHeader.MaximumSize];
        query.Write(message);
        var reader = new DnsReader(message);
        var room = new byte[DnsName.MaximumSize];
        Assert.True(reader.TryRead(room, out DnsQuestion question));
        var writer = new DnsWriter(message, reader.Id, (ushort)(DnsHeader.Response | (ushort)code));
        writer.TryAsk(question.Name, question.Type);
        var section = DnsHeader.AnswersOffset;
        foreach (var record in records)
        {
            if (record == "|")
                section = DnsHeader.AuthoritiesOffset;
            else
                DnsText.Add(ref writer, section, record.Replace("QNAME", DnsName.ToText(question.Name), StringComparison.Ordinal));
        }
        var changed = change(message[..writer.Length].ToArray());
        var verdict = query.Judge(changed);
        if (verdict == UpstreamVerdict.IsAnswer && !Server.Answer(wanted, changed, Rig.Now))
            verdict = UpstreamVerdict.IsRefusal;
        if (verdict == UpstreamVerdict.IsAnswer)
            End(_asked.Dequeue().Question);
        return verdict;
    }

    /// <summary>No resolver answers what was asked first.</summary>
    public void Fail()
    {
        var (wanted, _) = _asked.Dequeue();
        Server.Fail(wanted, Rig.Now);
        End(wanted);
    }

    /// <summary>The station has a turn.</summary>
    public void Resume() => Rig.Resume(_net.Station);

    /// <summary>A guest asks, the resolver answers, and the guest hears it.</summary>
    public string AskThrough(int port, string question, DnsCode code, params string[] records)
    {
        Assert.Equal("", Ask(port, question));
        Assert.NotNull(HearQuestion());
        Assert.Equal(UpstreamVerdict.IsAnswer, Answer(code, records));
        return Hear(port);
    }

    public long Drops(int port, DropReason reason) => Rig.InDrops(port, reason);

    public void Dispose() => _net.Dispose();

    private void End(DnsWaiters wanted)
    {
        Places.Give(wanted.By);
        Resume();
    }

    private void Clear()
    {
        for (var port = 0; port < 4; port++)
            Rig.Received(port);
    }
}
