using CsCheck;
using SoftSwitch.Config;
using SoftSwitch.Kinds;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Config;

/// <summary>What is written from a model is read back to the same model.</summary>
public class RoundTripTests
{
    private const string NameLetters = "abcxyz0189-";
    private const string VisibleLetters = "abz09.-_,#{}[]&*!|>'\"@`~<= $";
    private const string PathLetters = "ab0/ .:#{}'\"\\-,&é€\u2028\uFEFF\u00A0";

    [Fact]
    public void A_file_that_was_written_says_what_the_model_says() =>
        Models().Sample(model => Same(model, ConfigWriter.Write(model)), iter: Math.Max(Check.Iter, 1_000));

    [Fact]
    public void Json_that_was_written_says_what_the_model_says() =>
        Models().Sample(model => Same(model, ConfigJson.Write(model)), iter: Math.Max(Check.Iter, 1_000));

    [Fact]
    public void The_valid_file_says_what_its_reader_expects()
    {
        var model = Files.Read(Files.Valid).Model!;
        Assert.Equal(new SwitchModel
        {
            Workers = 2,
            Cpus = [1, 3],
            Poll = PollMode.Always,
            State = "/var/lib/softswitch",
            Networks =
            [
                new() { Name = "office", Mode = NetworkMode.Bridged, Uplink = "ens33", Mtu = 9000 },
                new() { Name = "dev", Mode = NetworkMode.Internal, Subnet = new(new(0x0A0A0000), 24), Ageing = TimeSpan.FromMinutes(5) },
                new()
                {
                    Name = "out",
                    Mode = NetworkMode.Nat,
                    Subnet = new(new(0x0A140000), 24),
                    Gateway = new(0x0A1400FE),
                    Nat = new()
                    {
                        Outside = new() { Interface = "eth9", Address = new(new(0xC000020A), 24), Gateway = new(0xC0000201),
                            Ports = new(2000, 3000) },
                        Filtering = Filtering.Endpoint,
                        Timeouts = new() { Udp = TimeSpan.FromSeconds(120), Tcp = TimeSpan.FromHours(3),
                            TcpTransitory = TimeSpan.FromMinutes(5), Icmp = TimeSpan.FromSeconds(90) },
                        Flows = 1000,
                        FlowsPerGuest = 100,
                        PortsPerGuest = 50,
                        FlowLog = "/var/log/softswitch/out.log",
                        Forwards =
                        [
                            new() { From = new(IpProtocol.Tcp, 80, 80), Address = new(0x0A140005), TargetPort = 8080 },
                            new() { From = new(IpProtocol.Udp, 5000, 5010), Port = "box3", TargetPort = 5000 },
                        ],
                    },
                },
                new() { Name = "lab", Mode = NetworkMode.HostOnly, Subnet = new(new(0xC0A83800), 24), Gateway = new(0xC0A83801),
                    HostInterface = "ss-lab", Dhcp = new(), Dns = new() },
            ],
            Ports =
            [
                new NicModel { Name = "ens33", Network = "office", Interface = "ens33", Mtu = 9000, IsUplink = true },
                new GuestModel { Name = "vm1", Network = "dev", Interface = "vm1", Owner = "libvirt-qemu", Mac = new(0x5254_0000_0001) },
                new TapModel { Name = "box1", Network = "dev", Interface = "eth0", Netns = "box1", Address = new(new(0x0A0A0009), 24) },
                new VethModel { Name = "box2", Network = "office", Interface = "box2", Netns = "4711", Mtu = 1400 },
                new NicModel { Name = "eth1", Network = "office", Interface = "eth1", Mtu = 9000 },
                new TapModel { Name = "box3", Network = "out", Interface = "box3", Netns = "box3", Address = new(new(0x0A140006), 24) },
            ],
        }, model);
    }

    [Fact]
    public void A_written_file_reads_as_a_person_would_write_it()
    {
        Assert.Equal(
            """
            networks:
              out:
                mode: nat
                subnet: 10.20.0.0/24
                dns: off
                outside: { ports: 2000-3000 }
                timeouts: { udp: 120s }
                flows: 1000
                forwards:
                  - { from: tcp/80, to: "box:8080" }
                  - { from: udp/5000-5010, on: 192.0.2.7, to: 10.20.0.5 }
              lab:
                mode: host-only
                subnet: 192.168.56.0/24
                gateway: 192.168.56.254
                dns: { host: on }
                host: { interface: ss-lab }
              lan: { mode: internal }
            ports:
              box: { network: out, kind: guest, interface: box }

            """,
            ConfigWriter.Write(Files.Read(
                """
                networks:
                  out:
                    { mode: nat, subnet: 10.20.0.0/24, outside: { ports: 2000-3000, address: host },
                      timeouts: { udp: 2m, tcp: 7440s }, flows: 1000, flows-per-guest: 1000, dns: off,
                      forwards: [{ from: tcp/80, to: "box:8080" }, { from: udp/5000-5010, to: 10.20.0.5, on: 192.0.2.7 }] }
                  lab: { mode: host-only, subnet: 192.168.56.0/24, gateway: 192.168.56.254, dns: { host: on } }
                  lan: { mode: internal }
                ports: { box: { network: out, kind: guest } }
                """).Model!));
    }

    [Fact]
    public void Json_longer_than_a_file_may_be_is_read_back_where_it_is_handed_over()
    {
        var model = new SwitchModel
        {
            Networks = [new() { Name = "lan", Mode = NetworkMode.Internal }],
            Ports = [.. Enumerable.Range(0, 20_000)
                .Select(number => new GuestModel { Name = $"p{number}", Network = "lan", Interface = $"p{number}" })],
        };
        var json = ConfigJson.Write(model);
        Assert.InRange(json.Length, 1 << 20, 1 << 24);
        Assert.Equal(model, ConfigFile.ParseJson("the model", json).Model);
    }

    [Fact]
    public void Json_has_numbers_where_numbers_are_meant()
    {
        Assert.Equal(
            """{"workers":2,"cpus":[0,1],"networks":{"lan":{"mode":"internal","mtu":9000}}"""
                + ""","ports":{"vm1":{"network":"lan","kind":"guest","interface":"vm1","mtu":1500}}}""",
            ConfigJson.Write(Files.Read("{workers: 2, cpus: [0, 1], networks: {lan: {mode: internal, mtu: 9000}}, "
                + "ports: {vm1: {network: lan, kind: guest, mtu: 1500}}}").Model!));
    }

    private static void Same(SwitchModel model, string text)
    {
        var result = Files.Read(text);
        Assert.True(result.Ok, text + "\n" + string.Join('\n', result.Mistakes));
        Assert.Equal(model, result.Model);
    }

    private static Gen<string> Text(string letters, int least, int most) =>
        Gen.Int[0, letters.Length - 1].Select(index => letters[index]).Array[least, most].Select(text => new string(text));

    /// <summary>Names are made unique by a number of their own; everything else is any value its key takes.</summary>
    private static Gen<SwitchModel> Models()
    {
        // What a tap takes as well, as the host's interface in a network is one.
        var mtu = Gen.OneOf(Gen.Const(1500), Gen.Int[68, 65521]);
        var network = Gen.Select(Gen.Int[0, 3], mtu, Gen.OneOf(Gen.Const(300), Gen.Int[10, 86400]), Gen.Bool,
            Text(NameLetters, 0, 10), Nats());
        var place = Gen.Select(Text(VisibleLetters.Replace(" ", ""), 0, 10), Text(NameLetters, 1, 12), Text(PathLetters, 1, 40));
        var port = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 4], mtu, Gen.Int[0, 3], place, Gen.Bool);
        return Gen.Select(network.Array[1, 5], port.Array[0, 8], Gen.Int[1, 64], Gen.Bool, Gen.Bool, Text(PathLetters, 0, 20))
            .Select((networks, ports, workers, pinned, always, state) =>
            {
                NetworkModel[] compiled = [.. networks.Select((one, i) => new NetworkModel
                {
                    Name = $"{i}{one.Item5}",
                    Mode = (NetworkMode)one.Item1,
                    Mtu = one.Item2,
                    Ageing = TimeSpan.FromSeconds(one.Item3),
                    ControlFrames = one.Item4 ? ControlFrames.Forward : ControlFrames.Drop,
                    Arp = (ArpQuestions)(one.Item2 % 2),
                    Guard = one.Item4 ? Guarding.Mac : Guarding.Off,
                    Subnet = one.Item1 != (int)NetworkMode.Bridged && one.Item4 ? Subnet(i) : null,
                    Gateway = one.Item1 >= (int)NetworkMode.Nat && one.Item4
                        ? new(Subnet(i).Address.Value + (uint)one.Item2 % 200 + 1)
                        : null,
                    Nat = one.Item1 == (int)NetworkMode.Nat ? Nat(i, one.Item4, one.Item6) : null,
                    Dhcp = one.Item1 != (int)NetworkMode.Bridged && (one.Item4 || one.Item1 >= (int)NetworkMode.Nat)
                        ? Dhcp(i, one.Item4, one.Item2 % 3) : null,
                    Dns = one.Item1 != (int)NetworkMode.Nat ? null : Dns(one.Item2 % 4),
                    Domain = one.Item1 == (int)NetworkMode.Nat && one.Item2 % 4 == 2 ? "dev.example" : null,
                    HostInterface = one.Item1 == (int)NetworkMode.HostOnly ? $"h{i}{one.Item5}" : null,
                    HostReach = (HostReach)(one.Item2 % 2),
                })];
                // A bridged network has a way to the LAN.
                var uplinks = compiled.Where(one => one.Mode == NetworkMode.Bridged)
                    .Select(PortModel (one, i) =>
                        new NicModel { Name = $"up{i}", Network = one.Name, Interface = $"up{i}", Mtu = one.Mtu });
                return new SwitchModel
                {
                    Networks = [.. compiled],
                    Ports = [.. uplinks, .. ports.Select((one, i) =>
                        Port(i, one.Item1, compiled[one.Item2 % compiled.Length], one.Item3, one.Item4, one.Item5, one.Item6))],
                    Workers = workers,
                    Cpus = pinned ? [.. Enumerable.Range(3, workers)] : [],
                    Poll = always ? PollMode.Always : PollMode.Adaptive,
                    State = state.Length == 0 ? null : "/" + state,
                };
            });
    }

    private static Ipv4Subnet Subnet(int number) => new(new(0x0A000000 + ((uint)number << 8)), 24);

    /// <summary>None, one with the defaults, or one that says all.</summary>
    private static DnsModel? Dns(int which) => which switch
    {
        0 => null,
        1 => new(),
        2 => new() { Servers = [new(0xC0000235), null], Hosts = [new("db", new(0x0A000009)), new("1.www.example", new(0xC0000201))] },
        _ => new() { Servers = [null] },
    };

    private static DhcpModel? Dhcp(int number, bool hasSubnet, int which) => which switch
    {
        0 => null,
        1 => new(),
        _ => new()
        {
            Range = hasSubnet ? new(new(Subnet(number).Address.Value + 210), new(Subnet(number).Address.Value + 220)) : null,
            Lease = TimeSpan.FromMinutes(number + 1),
            LeasesPerPort = number + 1,
            Reservations = hasSubnet
                ? [
                    new() { Mac = new(0x5254_0000_0001), Address = new(Subnet(number).Address.Value + 205), Name = "web" },
                    new() { Client = "ff:00:01", Address = new(Subnet(number).Address.Value + 206) },
                    new() { Client = "#db 1"[..(number % 2 + 3)].Replace(' ', '-'), Address = new(Subnet(number).Address.Value + 207) },
                ] : [],
            Router = hasSubnet ? new(Subnet(number).Address.Value + 208) : null,
            TellsGateway = hasSubnet,
            Routes = hasSubnet ? [new(new(new(0x0B00_0000), 8), new(Subnet(number).Address.Value + 208))] : [],
            Dns = [new(0x0A00_0009), new(0xC000_0201)],
            Search = ["dev.example", "example"],
            Ntp = [new(0xC000_0202)],
            NextServer = new(0xC000_0203),
            FileName = "http://[::1]/#{x}",
            Options =
            [
                new(150, "10.0.0.9, 10.0.0.10", [10, 0, 0, 9, 10, 0, 0, 10]), new(43, "hex 01:ff", [1, 255]),
                new(60, "text a: #b", [.. "a: #b"u8]), new(23, "u8 64", [64]), new(22, "u16 576", [2, 64]), new(24, "u32 1", [0, 0, 0, 1]),
            ],
        },
    };

    /// <summary>Any values of the keys that stand alone; what must fit together is put in by <see cref="Nat"/>.</summary>
    private static Gen<NatModel> Nats()
    {
        static Gen<TimeSpan> Time(int usual, int least) =>
            Gen.OneOf(Gen.Const(usual), Gen.Int[least, 604800]).Select(seconds => TimeSpan.FromSeconds(seconds));
        var times = Gen.Select(Time(300, 120), Time(7440, 7440), Time(240, 240), Time(60, 60), (udp, tcp, transitory, icmp) =>
            new TimeoutsModel { Udp = udp, Tcp = tcp, TcpTransitory = transitory, Icmp = icmp });
        var flows = Gen.OneOf(Gen.Const(NatModel.DefaultFlows), Gen.Int[3, NatModel.MaximumFlows]);
        var outside = Gen.Select(Gen.Int[0, 2], Gen.Bool, Gen.Bool, Text(VisibleLetters.Replace(" ", ""), 1, 10),
            (kind, hasGateway, hasPool, name) => new OutsideModel
            {
                // No port's interface begins like that: it would be refused as one that the switch makes itself.
                Interface = kind == 0 ? null : "w" + name,
                Address = kind == 2 ? new(new(0xC0000200), 24) : null,
                Gateway = kind == 2 && hasGateway ? new(0xC00002FE) : null,
                Ports = hasPool ? new(2000, 3000) : kind == 2 ? PortPool.OfOwnAddress : PortPool.OfHost,
            });
        return Gen.Select(outside, Gen.Int[0, 2], times, flows, Gen.Bool, Text(PathLetters, 0, 10), Gen.Int[0, 3])
            .Select((place, filtering, timeouts, most, few, log, forwards) => new NatModel
            {
                Outside = place,
                Filtering = (Filtering)filtering,
                Timeouts = timeouts,
                Flows = most,
                FlowsPerGuest = few ? Math.Min((most + 1) / 2, NatModel.MaximumFlows) : Math.Min(most, NatModel.DefaultFlowsPerGuest),
                PortsPerGuest = few ? filtering + 1 : NatModel.DefaultPortsPerGuest,
                FlowLog = log.Length == 0 ? null : $"/{log}x",
                Forwards = [.. Enumerable.Range(0, forwards)
                    .Select(i => new ForwardModel { From = new(i % 2 == 0 ? IpProtocol.Tcp : IpProtocol.Udp, i * 10 + 1,
                        i * 10 + (i == 0 ? 5 : 1)), TargetPort = i == 0 ? 1 : 8000 + i,
                        On = place.Address is null && few ? new(0xC0000263) : null })],
            });
    }

    /// <summary>The same as a network of its number: nobody shares an address, a port or a pool with another by chance.</summary>
    private static NatModel Nat(int number, bool hasSubnet, NatModel nat)
    {
        var own = nat.Outside.Address is not null;
        return nat with
        {
            Outside = nat.Outside with
            {
                Address = own ? new(new(0xC0000201u + (uint)number), 24) : null,
                Ports = !own && nat.Outside.Ports != PortPool.OfHost ? new(2000, 3000) : nat.Outside.Ports,
            },
            Forwards = hasSubnet
                ? [.. nat.Forwards.Select(forward => forward with
                {
                    From = forward.From with { First = forward.From.First + number * 100, Last = forward.From.Last + number * 100 },
                    TargetPort = forward.TargetPort == forward.From.First ? forward.From.First + number * 100 : forward.TargetPort,
                    Address = new(Subnet(number).Address.Value + 255 - 1),
                })]
                : [],
        };
    }

    private static PortModel Port(int number, int kind, NetworkModel on, int most, int options,
        (string Interface, string Word, string Path) place, bool hasMac)
    {
        // No port sends longer frames than its network, and no tap longer ones than a tap can.
        var (network, mtu) = (on.Name, Math.Min(Math.Min(most, on.Mtu), kind < 2 ? 65521 : 65535));
        var name = $"p{number}";
        var face = number + place.Interface;
        MacAddress? mac = hasMac ? new(0x5254_0000_0000UL + (ulong)number) : null;
        var netns = options == 0 ? "4711" : options == 1 ? "/" + place.Path : "n" + place.Word;
        PortModel port = kind switch
        {
            0 => new TapModel { Name = name, Network = network, Mac = mac, Mtu = mtu, Interface = face, Netns = options == 3 ? null : netns,
                Address = null },
            1 => new GuestModel { Name = name, Network = network, Mac = mac, Mtu = mtu, Interface = face,
                Owner = options == 0 ? null : options == 1 ? "1000" : "u" + place.Word },
            2 => new NicModel { Name = name, Network = network, Mac = mac, Mtu = mtu, Interface = face },
            _ => new VethModel { Name = name, Network = network, Mac = mac, Mtu = mtu, Interface = face, Netns = netns, Address = null,
                TakesAddress = on.Dhcp is not null && most % 3 == 0, TakesGateway = most % 2 == 0 },
        };
        var guard = port is NicModel ? Guarding.Off : options != 3 ? on.Guard : on.Dhcp is null ? Guarding.Mac : Guarding.On;
        return port with { FloodLimit = options == 3 ? most : port.FloodLimit, Guard = guard };
    }
}
