using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;
using SoftSwitch.Tests.Forwarding;
using SoftSwitch.Tests.Routing;

namespace SoftSwitch.Tests.Services.Dhcp;

/// <summary>A network 10.10.0.0/24 whose station 10.10.0.1 is a server of DHCP, and guests at ports 0 to 3. What they say to each other is
/// written as <c>discover</c>, <c>request 10.10.0.50 of 10.10.0.1</c>, <c>offer 10.10.0.50</c>.</summary>
internal sealed class DhcpRig : IDisposable
{
    public const string Server = "10.10.0.1";

    private readonly StationRig _net = new(hasServices: false, asks: true);
    private uint _transaction = 1;

    public DhcpRig(string first = "10.10.0.50", string last = "10.10.0.59", int share = 4, Func<DhcpScope, DhcpScope>? also = null)
    {
        Rig.Add();
        Rig.Add();
        var scope = new DhcpScope
        {
            Server = Ipv4Address.Parse(Server),
            Subnet = GatewayRig.Subnet("10.10.0.0/24"),
            Range = (Ipv4Address.Parse(first), Ipv4Address.Parse(last)),
            LeaseTime = TimeSpan.FromHours(1),
            MostOfPort = share,
            Options = [Option(DhcpOption.Router, [10, 10, 0, 1]), Option(DhcpOption.DomainNameServer, [10, 10, 0, 1])],
        };
        Leases = new(_net.Station.Membership!.Bridge, also?.Invoke(scope) ?? scope);
        _net.Station.Services = new(new DhcpServer(Leases).Row);
        // What is given next is asked for, and nobody answers.
        Later(1);
        Later(1);
    }

    public Rig Rig => _net.Rig;

    public LeaseTable Leases { get; }

    /// <summary>What the last answer was.</summary>
    public byte[] Last { get; set; } = [];

    public static DhcpOptionValue Option(byte code, byte[] value) => new(code, value);

    public static DhcpClient Client(int number) => new(Mac(number));

    public static MacAddress Mac(int number) => new(Stations.Mac((uint)(100 + number)));

    public void Later(double seconds)
    {
        Rig.Now += TimeSpan.FromSeconds(seconds);
        Rig.Tick(_net.Station);
        for (var port = 0; port < 4; port++)
            Rig.Received(port);
    }

    /// <summary>A client says something to everybody, and hears the answer.</summary>
    /// <param name="port">Behind which port.</param>
    /// <param name="client">Which of those there.</param>
    /// <param name="type">What.</param>
    /// <param name="wish">The address that it asks for.</param>
    /// <param name="server">Whose offer it takes.</param>
    /// <param name="has">Its address (ciaddr).</param>
    /// <param name="also">More options.</param>
    /// <returns>The answer in words; nothing: there was none.</returns>
    public string Say(int port, int client, DhcpMessageType type, string? wish = null, string? server = null, string? has = null,
        params (byte Code, byte[] Value)[] also)
    {
        var payload = new byte[DhcpHeader.MinimumSize + 300];
        var writer = new DhcpWriter(payload, DhcpHeader.Request, mayOverload: false);
        writer.Header[DhcpHeader.TransactionOffset + 3] = (byte)_transaction++;
        Mac(client).Write(writer.Header[DhcpHeader.HardwareAddressOffset..]);
        if (has is not null)
            Ipv4Address.Parse(has).Write(writer.Header[DhcpHeader.ClientAddressOffset..]);
        writer.TryAdd(DhcpOption.MessageType, (byte)type);
        if (wish is not null)
            writer.TryAdd(DhcpOption.RequestedAddress, Ipv4Address.Parse(wish));
        if (server is not null)
            writer.TryAdd(DhcpOption.ServerIdentifier, Ipv4Address.Parse(server));
        foreach (var (code, value) in also)
            writer.TryAdd(code, value);
        Carry(port, client, payload.AsSpan(0, writer.Finish()), has);
        return Answer(port);
    }

    /// <summary>Discover, offer, request, ack.</summary>
    /// <returns>The address.</returns>
    public string Boot(int port, int client, params (byte Code, byte[] Value)[] also)
    {
        var offer = Say(port, client, DhcpMessageType.Discover, also: also);
        if (!offer.StartsWith("Offer ", StringComparison.Ordinal))
            return offer;
        var answer = Say(port, client, DhcpMessageType.Request, wish: offer[6..], server: Server, also: also);
        return answer.StartsWith("Ack ", StringComparison.Ordinal) ? answer[4..] : answer;
    }

    /// <summary>An option of the last answer.</summary>
    public byte[]? Told(byte code)
    {
        Assert.True(DhcpMessage.TryRead(Last, out var message));
        return message.TryGet(code, new byte[600], out var value) ? value.ToArray() : null;
    }

    /// <summary>A guest says in ARP that it has an address.</summary>
    public void Claim(int port, int client, string address)
    {
        Rig.Carry(port, GatewayRig.Arp(ArpMessage.Request, Mac(client).Value, address, address));
        Rig.Received(port);
    }

    public long Drops(DropReason reason) => _net.Station.Counters(0).InDrops(reason);

    /// <summary>Hands a message to the switch as it is.</summary>
    public void Carry(int port, int client, ReadOnlySpan<byte> payload, string? has = null)
    {
        var frame = (StationRig.ToAll(DhcpHeader.ServerPort, payload: payload.Length) with
        {
            Source = Mac(client).Value,
            From = has ?? "0.0.0.0",
        }).Build();
        payload.CopyTo(frame.AsSpan(42));
        frame.AsSpan(40, 2).Clear();
        Rig.Carry(port, frame);
    }

    private string Answer(int port)
    {
        var heard = _net.Heard(port).Where(packet => packet.SourcePort == DhcpHeader.ServerPort).ToList();
        for (var other = 0; other < 4; other++)
        {
            if (other != port)
                Assert.DoesNotContain(_net.Heard(other), packet => packet.SourcePort == DhcpHeader.ServerPort);
        }
        if (heard.Count == 0)
            return "";
        Last = Assert.Single(heard).Payload;
        Assert.True(DhcpMessage.TryRead(Last, out var message));
        Assert.Equal(DhcpHeader.Reply, message.Operation);
        Assert.Equal((byte)(_transaction - 1), (byte)message.Transaction);
        return message.YourAddress.Value == 0 ? $"{message.Type}" : $"{message.Type} {message.YourAddress}";
    }

    public void Dispose() => _net.Dispose();
}
