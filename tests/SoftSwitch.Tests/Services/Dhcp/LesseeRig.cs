using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;
using SoftSwitch.Tests.Forwarding;

namespace SoftSwitch.Tests.Services.Dhcp;

/// <summary>A client of ours on a LAN 192.0.2.0/24 whose server and router is 192.0.2.1. What it says is written as <c>discover</c>,
/// <c>request 192.0.2.77 of 192.0.2.1</c> (an offer's), <c>request 192.0.2.77</c> (an earlier lease's), <c>renew 192.0.2.77 at
/// 192.0.2.1</c>, <c>rebind 192.0.2.77</c>, <c>decline 192.0.2.77 of 192.0.2.1</c>.</summary>
internal sealed class LesseeRig : ILesseeLink
{
    public const string Server = "192.0.2.1", Other = "192.0.2.2", Address = "192.0.2.77";

    public static readonly MacAddress Mac = MacAddress.Parse("32:00:00:00:00:07"), ServerMac = MacAddress.Parse("02:00:00:00:00:01");

    private readonly Queue<byte[]> _said = [];
    private byte[] _last = [];

    public LesseeRig(int seed = 1) => Lessee = new(Mac, this, new Random(seed));

    public Lessee Lessee { get; }

    public Instant Now { get; set; } = new(1_000_000);

    /// <summary>What couldn't be used, and why.</summary>
    public List<string> Refused { get; } = [];

    /// <summary>What the machine has against what is lent.</summary>
    public Func<HeldLease, string?> Obstacle { get; set; } = static _ => null;

    public uint Transaction { get; private set; }

    /// <summary>What it uses; null: nothing.</summary>
    public string? Lease =>
        Lessee.Lease is { } lease ? $"{lease.Address}/{lease.PrefixLength} by {lease.Router?.ToString() ?? "nobody"}" : null;

    /// <summary>What it has said since it was asked last, each in words.</summary>
    public string Heard()
    {
        var words = string.Join(", ", _said.Select(Read));
        _said.Clear();
        return words;
    }

    /// <summary>Time passes, with a tick each second.</summary>
    /// <returns>What it said meanwhile, each with its second.</returns>
    public string Pass(int seconds)
    {
        var words = new List<string>();
        for (var second = 1; second <= seconds; second++)
        {
            Now += TimeSpan.FromSeconds(1);
            Lessee.Tick(Now);
            if (Heard() is { Length: > 0 } said)
                words.Add($"{second}: {said}");
        }
        return string.Join("; ", words);
    }

    /// <summary>The same, until it stands there, two minutes at most.</summary>
    public string PassUntil(LesseeState state)
    {
        var said = "";
        for (var second = 0; Lessee.State != state; second++)
        {
            Assert.InRange(second, 0, 120);
            said = Pass(1);
        }
        return said;
    }

    /// <summary>A server answers what was said last.</summary>
    /// <returns>What is said then.</returns>
    public string Answer(DhcpMessageType type, string? address = Address, string server = Server, uint? seconds = 3600,
        string? router = Server, string? mask = "255.255.255.0", uint? transaction = null, MacAddress? mac = null,
        params (byte Code, byte[] Value)[] also)
    {
        Lessee.Take(Frame(type, address, server, seconds, router, mask, transaction, mac, also), isSummed: true, Now);
        return Heard();
    }

    /// <summary>Discover, offer, request, ack, and nobody else has the address.</summary>
    public void Boot(uint seconds = 3600, params (byte Code, byte[] Value)[] also)
    {
        Lessee.Begin(Now, null, isLent: false);
        Assert.Equal("discover", Heard());
        Answer(DhcpMessageType.Offer, seconds: seconds, also: also);
        Answer(DhcpMessageType.Ack, seconds: seconds, also: also);
        Lessee.Accept();
        Assert.Equal(LesseeState.Bound, Lessee.State);
    }

    public byte[] Frame(DhcpMessageType type, string? address = Address, string server = Server, uint? seconds = 3600,
        string? router = Server, string? mask = "255.255.255.0", uint? transaction = null, MacAddress? mac = null,
        params (byte Code, byte[] Value)[] also)
    {
        var message = new byte[DhcpHeader.MinimumSize + 300];
        var writer = new DhcpWriter(message, DhcpHeader.Reply, mayOverload: false);
        BitConverter.GetBytes(transaction ?? Transaction).AsSpan().CopyTo(writer.Header[DhcpHeader.TransactionOffset..]);
        writer.Header.Slice(DhcpHeader.TransactionOffset, 4).Reverse();
        (mac ?? Mac).Write(writer.Header[DhcpHeader.HardwareAddressOffset..]);
        if (address is not null && type != DhcpMessageType.Nak)
            Ipv4Address.Parse(address).Write(writer.Header[DhcpHeader.YourAddressOffset..]);
        writer.TryAdd(DhcpOption.MessageType, (byte)type);
        writer.TryAdd(DhcpOption.ServerIdentifier, Ipv4Address.Parse(server));
        foreach (var (code, value) in also)
            writer.TryAdd(code, value);
        if (seconds is { } lent)
            writer.TryAdd(DhcpOption.LeaseTime, lent);
        if (mask is not null)
            writer.TryAdd(DhcpOption.SubnetMask, Ipv4Address.Parse(mask));
        if (router is not null)
            writer.TryAdd(DhcpOption.Router, Ipv4Address.Parse(router));
        return Carried(message.AsSpan(0, writer.Finish()));
    }

    /// <summary>A message in a frame of a server's.</summary>
    public static byte[] Carried(ReadOnlySpan<byte> message)
    {
        var frame = new PacketSpec
        {
            Destination = Mac.Value, Source = ServerMac.Value, Protocol = IpProtocol.Udp, From = Server, To = Address,
            FromPort = DhcpHeader.ServerPort, ToPort = DhcpHeader.ClientPort, Payload = message.Length,
        }.Build();
        message.CopyTo(frame.AsSpan(42));
        frame.AsSpan(40, 2).Clear();
        return frame;
    }

    /// <summary>An option of what was said last.</summary>
    public byte[]? Told(byte code)
    {
        Assert.True(DhcpMessage.TryRead(_last.AsSpan(42), out var message));
        return message.TryGet(code, new byte[600], out var value) ? value.ToArray() : null;
    }

    public void Say(ReadOnlySpan<byte> frame) => _said.Enqueue(frame.ToArray());

    public string? ObstacleOf(HeldLease lent) => Obstacle(lent);

    public void Refuse(Ipv4Address server, string why) => Refused.Add($"{server}: {why}");

    private string Read(byte[] frame)
    {
        _last = frame;
        Assert.Single(SecondOpinion.Read([new(frame, default)]));
        Assert.True(DhcpMessage.TryRead(frame.AsSpan(42), out var message));
        Transaction = message.Transaction;
        Assert.Equal(DhcpHeader.Request, message.Operation);
        Assert.Equal(Mac, message.HardwareAddress);
        Assert.Equal(Mac, MacAddress.Read(frame.AsSpan(6)));
        Assert.False(message.WantsBroadcast);
        var (source, destination) = (Ipv4Address.Read(frame.AsSpan(26)), Ipv4Address.Read(frame.AsSpan(30)));
        Assert.Equal(message.ClientAddress, source);
        var isForAll = MacAddress.Read(frame) == MacAddress.Broadcast;
        Assert.Equal(isForAll, destination == Ipv4Address.Broadcast);
        var wish = message.TryGetAddress(DhcpOption.RequestedAddress, out var wished) ? $" {wished}" : "";
        var server = message.TryGetAddress(DhcpOption.ServerIdentifier, out var of) ? $" of {of}" : "";
        if (source.Value != 0)
            return $"{(isForAll ? "rebind" : "renew")} {source}{(isForAll ? "" : $" at {destination}")}{wish}{server}";
        return $"{message.Type.ToString().ToLowerInvariant()}{wish}{server}";
    }
}
