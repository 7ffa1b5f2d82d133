using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;
using SoftSwitch.Tests.Forwarding;

namespace SoftSwitch.Tests.Services.Dhcp;

/// <summary>
/// A server of DHCP whose clients say anything in any order, cut and bent bytes among it, while what it tells changes. Of every answer: its
/// checksums are right, it can be read, it is as long as its client takes, it says what was asked for and what must be said, and comes out
/// of the port that the question came in by alone. Now and then: no address has two clients, and no port more than its share.
/// </summary>
internal sealed class DhcpFuzzRun : IDisposable
{
    private const int Ports = 4, Share = 20, IpAt = 14, UdpAt = 34, PayloadAt = 42;
    private const uint First = 0x0A0A_0040, Last = 0x0A0A_007F, ReservedInside = 0x0A0A_0046, ReservedOutside = 0x0A0A_0009;

    private static readonly Ipv4Address s_server = new(0x0A0A_0001);

    /// <summary>What an answer may say that nobody has asked for.</summary>
    private static readonly byte[] s_unasked =
    [
        DhcpOption.SubnetMask, DhcpOption.LeaseTime, DhcpOption.Overload, DhcpOption.MessageType, DhcpOption.ServerIdentifier,
        DhcpOption.Message, DhcpOption.RenewalTime, DhcpOption.RebindingTime, DhcpOption.ClientIdentifier, DhcpOption.RapidCommit,
        DhcpOption.RelayAgentInformation,
    ];

    private readonly int _seed;
    private readonly Random _random;
    private readonly Rig _rig = new(asks: true);
    private readonly Station _station;
    private readonly LeaseTable _leases;

    public DhcpFuzzRun(int seed)
    {
        (_seed, _random) = (seed, new(seed));
        for (var port = 0; port < Ports; port++)
            _rig.Add();
        _station = _rig.Add(new Station("station", new(0x0253_0000_0001), s_server, Subnet, 1500, 1), 0);
        _leases = new(_station.Membership!.Bridge, Scope());
        _station.Services = new(new DhcpServer(_leases).Row);
    }

    /// <summary>Answers that were judged.</summary>
    public long Answers { get; private set; }

    /// <summary>Those with options in the fields of the names.</summary>
    public long Overloaded { get; private set; }

    private static Ipv4Subnet Subnet => new(new(0x0A0A_0000), 24);

    /// <summary>Says messages and judges what comes of them.</summary>
    /// <exception cref="InvalidDataException">An answer is wrong.</exception>
    public void Run(long messages)
    {
        for (long i = 0; i < messages; i++)
        {
            var (port, client) = (_random.Next(Ports), _random.Next(4) == 0 ? _random.Next(4) : _random.Next(200));
            var asked = Message(client);
            try
            {
                Say(port, client, asked);
                if (i % 50 == 0)
                    Later(_random.Next(30) == 0 ? 4000 : 1);
                if (i % 500 == 0)
                    JudgeLeases();
                if (_random.Next(500) == 0)
                    _leases.Scope = Scope();
            }
            catch (Exception e)
            {
                throw new InvalidDataException(
                    $"{e.Message}; seed {_seed}, message {i} of client {client} at port {port}: {Convert.ToHexString(asked)}", e);
            }
        }
        JudgeLeases();
    }

    public void Dispose() => _rig.Dispose();

    private static MacAddress Mac(int client) => new(0x0200_0000_0100UL + (ulong)client);

    private DhcpScope Scope() => new()
    {
        Server = s_server,
        Subnet = Subnet,
        Range = (new(First), new(Last)),
        LeaseTime = TimeSpan.FromHours(1),
        MostOfPort = Share,
        ByMac = new() { [Mac(1)] = new(new(ReservedInside), "web"u8.ToArray()) },
        ByClient = new(DhcpClient.Comparer) { [new(Mac(2))] = new(new(ReservedOutside), default) },
        Options = [.. Enumerable.Range(0, _random.Next(12)).Select(_ => Option()).DistinctBy(option => option.Code)],
        Boot = _random.Next(2) == 0 ? null : (new(0x0A0A_0005), new byte[_random.Next(128)]),
    };

    private DhcpOptionValue Option()
    {
        byte[] codes = [DhcpOption.Router, DhcpOption.StaticRoutes, DhcpOption.ClasslessRoutes, (byte)_random.Next(200, 212), 200, 201];
        var value = new byte[_random.Next(2) == 0 ? _random.Next(300) : _random.Next(1, 120)];
        _random.NextBytes(value);
        return new(codes[_random.Next(codes.Length)], value);
    }

    private byte[] Message(int client)
    {
        var bytes = new byte[DhcpHeader.MinimumSize + _random.Next(300)];
        var writer = new DhcpWriter(bytes, DhcpHeader.Request, _random.Next(5) == 0);
        _random.NextBytes(writer.Header.Slice(DhcpHeader.TransactionOffset, sizeof(uint)));
        // Two clients behind two ports may say the same address.
        Mac(client).Write(writer.Header[DhcpHeader.HardwareAddressOffset..]);
        if (_random.Next(2) == 0)
            writer.Header[DhcpHeader.FlagsOffset] = 0x80;
        writer.TryAdd(DhcpOption.MessageType, (byte)(_random.Next(3) == 0 ? _random.Next(1, 9) : _random.Next(2) * 2 + 1));
        var address = new Ipv4Address(0x0A0A_0000 + (uint)_random.Next(60, 135));
        if (_random.Next(2) == 0)
            writer.TryAdd(DhcpOption.RequestedAddress, address);
        else if (_random.Next(2) == 0)
            address.Write(writer.Header[DhcpHeader.ClientAddressOffset..]);
        if (_random.Next(2) == 0)
            writer.TryAdd(DhcpOption.ServerIdentifier, _random.Next(5) == 0 ? new(0x0A0A_0002) : s_server);
        if (_random.Next(8) == 0)
            new Ipv4Address(0x0A0A_00F0).Write(writer.Header[DhcpHeader.RelayOffset..]);
        if (_random.Next(5) == 0)
            writer.TryAdd(DhcpOption.ClientIdentifier, new byte[_random.Next(5)]);
        if (_random.Next(5) == 0)
            writer.TryAdd(DhcpOption.RapidCommit, []);
        if (_random.Next(5) == 0)
            writer.TryAdd(DhcpOption.LeaseTime, (uint)_random.Next(0, 7200));
        if (_random.Next(3) == 0)
            writer.TryAdd(DhcpOption.MaximumMessageSize, (ushort)_random.Next(_random.Next(3) == 0 ? 65_536 : 1600));
        if (_random.Next(5) == 0)
            writer.TryAdd(DhcpOption.RelayAgentInformation, new byte[_random.Next(60)]);
        if (_random.Next(3) > 0)
            writer.TryAdd(DhcpOption.ParameterRequestList, Wanted());
        var length = writer.Finish();
        for (var changes = int.Max(0, _random.Next(12) - 8); changes > 0; changes--)
            bytes[_random.Next(length)] = (byte)_random.Next(256);
        return _random.Next(20) == 0 ? bytes[.._random.Next(length)] : bytes[..length];
    }

    private byte[] Wanted()
    {
        var wanted = new byte[_random.Next(100)];
        for (var i = 0; i < wanted.Length; i++)
            wanted[i] = (byte)_random.Next(_random.Next(2) == 0 ? 0 : 200, _random.Next(2) == 0 ? 212 : 256);
        return wanted;
    }

    private void Say(int port, int client, byte[] asked)
    {
        _rig.Carry(port, Frame(port, client, asked));
        for (var other = 0; other < Ports; other++)
        {
            foreach (var frame in _rig.Received(other).Where(frame => frame.Bytes.Length > 300 && frame.Bytes[UdpAt + 1] == 67))
            {
                Need(other == port, "an answer left by another's port");
                Answers++;
                Judge(frame.Bytes, asked);
            }
        }
    }

    /// <summary>What a client says to everybody.</summary>
    private static byte[] Frame(int port, int client, byte[] payload)
    {
        var frame = new PacketSpec
        {
            Source = new MacAddress(0x0200_0000_0400UL + (ulong)(4 * client + port)).Value,
            Protocol = IpProtocol.Udp,
            From = "0.0.0.0",
            FromPort = DhcpHeader.ClientPort,
            To = "255.255.255.255",
            ToPort = DhcpHeader.ServerPort,
            Payload = payload.Length,
        }.Build();
        payload.CopyTo(frame, PayloadAt);
        frame.AsSpan(UdpAt + UdpHeader.ChecksumOffset, sizeof(ushort)).Clear();
        return frame;
    }

    private void Judge(byte[] frame, byte[] asked)
    {
        var ip = frame.AsSpan(IpAt);
        Need(Wire.Sum(ip[..Ipv4Header.MinimumSize]) == 0xFFFF, "the header's checksum is wrong");
        var udp = frame.AsSpan(UdpAt);
        Need((udp[6] | udp[7]) != 0, "there is no checksum");
        byte[] summed = [.. ip.Slice(12, 8), 0, IpProtocol.Udp, (byte)(udp.Length >> 8), (byte)udp.Length, .. udp];
        Need(Wire.Sum(summed) == 0xFFFF, "the checksum is wrong");
        Need(DhcpMessage.TryRead(asked, out var question), "an answer to what can't be read");
        Need(DhcpMessage.TryRead(frame.AsSpan(PayloadAt), out var answer), "it can't be read");
        Need(answer.Operation == DhcpHeader.Reply && answer.Transaction == question.Transaction
            && answer.HardwareAddress == question.HardwareAddress && answer.Relay == question.Relay, "it answers another question");
        question.TryGetUInt16(DhcpOption.MaximumMessageSize, out var most);
        Need(frame.Length - IpAt <= int.Clamp(most, DhcpHeader.EveryClientTakes, 1500), "it is longer than its client takes");
        Need(Same(question, answer, DhcpOption.ClientIdentifier), "another identifier came back");
        Need(question.Relay.Value == 0 || Same(question, answer, DhcpOption.RelayAgentInformation), "what the relay says didn't come back");
        Need(answer.YourAddress.Value is 0 or ReservedOutside or (>= First and <= Last), "an address of nobody's");
        Need(answer.Type != DhcpMessageType.Offer || answer.YourAddress.Value != 0, "an offer of nothing");
        Need(answer.Type != DhcpMessageType.Nak || answer.YourAddress.Value == 0, "a refusal with an address");
        JudgeOptions(frame.AsSpan(PayloadAt), question);
    }

    private void JudgeOptions(ReadOnlySpan<byte> message, in DhcpMessage question)
    {
        var codes = new List<byte>();
        Add(codes, message[DhcpHeader.OptionsOffset..]);
        if (codes.Contains(DhcpOption.Overload))
        {
            Overloaded++;
            Need(DhcpMessage.TryRead(message, out var answer) && answer.TryGetByte(DhcpOption.Overload, out _), "no word of which fields");
            answer.TryGetByte(DhcpOption.Overload, out var fields);
            Need(_leases.Scope.Boot is null, "options where a file is named");
            if ((fields & 1) != 0)
                Add(codes, message[DhcpHeader.FileOffset..DhcpHeader.CookieOffset]);
            if ((fields & 2) != 0)
                Add(codes, message[DhcpHeader.ServerNameOffset..DhcpHeader.FileOffset]);
        }
        if (!question.TryGet(DhcpOption.ParameterRequestList, new byte[byte.MaxValue], out var wanted))
            return;
        foreach (var code in codes)
            Need(wanted.Contains(code) || s_unasked.Contains(code), $"nobody has asked for {code}");
        Need(!wanted.Contains(DhcpOption.ClasslessRoutes) || !codes.Contains(DhcpOption.ClasslessRoutes)
            || !(codes.Contains(DhcpOption.Router) || codes.Contains(DhcpOption.StaticRoutes)), "a router beside the routes it stands in");
    }

    private static void Add(List<byte> codes, ReadOnlySpan<byte> field)
    {
        var options = new DhcpOptions(field);
        while (options.Next())
        {
            // One longer than 255 bytes comes in pieces, one behind the other.
            Need(!codes.Contains(options.Code) || codes[^1] == options.Code, $"{options.Code} twice");
            codes.Add(options.Code);
        }
        Need(!options.AreBroken, "options that can't be read");
    }

    private static bool Same(in DhcpMessage question, in DhcpMessage answer, byte code)
    {
        Span<byte> one = stackalloc byte[byte.MaxValue], other = stackalloc byte[byte.MaxValue];
        // One without a value says nothing, and needn't come back.
        question.TryGet(code, one, out var asked);
        answer.TryGet(code, other, out var told);
        return asked.SequenceEqual(told);
    }

    private void Later(double seconds)
    {
        _rig.Now += TimeSpan.FromSeconds(seconds);
        _rig.Tick(_station);
        for (var port = 0; port < Ports; port++)
            _rig.Received(port);
    }

    private void JudgeLeases()
    {
        var leases = new List<LeaseRecord>();
        _leases.CopyTo(leases);
        Need(leases.DistinctBy(lease => lease.Address).Count() == leases.Count, "an address with two leases");
        var lent = leases.Where(lease => lease.State != LeaseState.Conflicting).ToList();
        Need(lent.DistinctBy(lease => (lease.Port, lease.Client)).Count() == lent.Count, "a client with two addresses");
        var dynamic = leases.Where(lease => lease.Address.Value is not (ReservedInside or ReservedOutside)).ToList();
        Need(dynamic.All(lease => lease.Address.Value is >= First and <= Last), "an address that isn't in the range");
        Need(dynamic.CountBy(lease => lease.Port).All(port => port.Value <= Share), "a port with more than its share");
    }

    private static void Need(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidDataException(otherwise);
    }
}
