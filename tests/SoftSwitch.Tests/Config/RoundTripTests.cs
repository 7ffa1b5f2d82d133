using CsCheck;
using SoftSwitch.Config;
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
                new() { Name = "office", Mode = NetworkMode.Bridged, Mtu = 9000 },
                new() { Name = "dev", Mode = NetworkMode.Internal, Subnet = new(new(0x0A0A0000), 24), Ageing = TimeSpan.FromMinutes(5) },
            ],
            Ports =
            [
                new NicModel { Name = "ens33", Network = "office", Interface = "ens33", Mtu = 9000 },
                new GuestModel { Name = "vm1", Network = "dev", Interface = "vm1", Owner = "libvirt-qemu", Mac = new(0x5254_0000_0001) },
                new TapModel { Name = "box1", Network = "dev", Interface = "eth0", Netns = "box1", Address = new(new(0x0A0A0009), 24) },
                new VethModel { Name = "box2", Network = "office", Interface = "box2", Netns = "4711", Mtu = 1400 },
                new NicModel { Name = "eth1", Network = "office", Interface = "eth1", Mtu = 9000 },
            ],
        }, model);
    }

    [Fact]
    public void Json_has_numbers_where_numbers_are_meant()
    {
        Assert.Equal(
            """{"workers":2,"cpus":[0,1],"networks":{"lan":{"mode":"internal","mtu":9000}},"ports":{"vm1":{"network":"lan","kind":"guest","interface":"vm1","mtu":1500}}}""",
            ConfigJson.Write(Files.Read("{workers: 2, cpus: [0, 1], networks: {lan: {mode: internal, mtu: 9000}}, ports: {vm1: {network: lan, kind: guest, mtu: 1500}}}").Model!));
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
        var mtu = Gen.OneOf(Gen.Const(1500), Gen.Int[68, 65535]);
        var network = Gen.Select(Gen.Int[0, 1], mtu, Gen.OneOf(Gen.Const(300), Gen.Int[10, 86400]), Gen.Bool, Text(NameLetters, 0, 10));
        var place = Gen.Select(Text(VisibleLetters.Replace(" ", ""), 0, 10), Text(NameLetters, 1, 12), Text(PathLetters, 1, 40));
        var port = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 4], mtu, Gen.Int[0, 3], place, Gen.Bool);
        return Gen.Select(network.Array[1, 5], port.Array[0, 8], Gen.Int[1, 64], Gen.Bool, Gen.Bool, Text(PathLetters, 0, 20)).Select((networks, ports, workers, pinned, always, state) =>
        {
            NetworkModel[] compiled = [.. networks.Select((one, i) => new NetworkModel
            {
                Name = $"{i}{one.Item5}",
                Mode = (NetworkMode)one.Item1,
                Mtu = one.Item2,
                Ageing = TimeSpan.FromSeconds(one.Item3),
                Subnet = one.Item1 == (int)NetworkMode.Internal && one.Item4 ? new(new(0x0A000000 + ((uint)i << 8)), 24) : null,
            })];
            // A bridged network has a way to the LAN.
            var uplinks = compiled.Where(one => one.Mode == NetworkMode.Bridged)
                .Select(PortModel (one, i) => new NicModel { Name = $"up{i}", Network = one.Name, Interface = $"up{i}", Mtu = one.Mtu });
            return new SwitchModel
            {
                Networks = [.. compiled],
                Ports = [.. uplinks, .. ports.Select((one, i) => Port(i, one.Item1, compiled[one.Item2 % compiled.Length].Name, one.Item3, one.Item4, one.Item5, one.Item6))],
                Workers = workers,
                Cpus = pinned ? [.. Enumerable.Range(3, workers)] : [],
                Poll = always ? PollMode.Always : PollMode.Adaptive,
                State = state.Length == 0 ? null : "/" + state,
            };
        });
    }

    private static PortModel Port(int number, int kind, string network, int mtu, int options, (string Interface, string Word, string Path) place, bool hasMac)
    {
        var name = $"p{number}";
        var face = number + place.Interface;
        MacAddress? mac = hasMac ? new(0x5254_0000_0000UL + (ulong)number) : null;
        var netns = options == 0 ? "4711" : options == 1 ? "/" + place.Path : "n" + place.Word;
        return kind switch
        {
            0 => new TapModel { Name = name, Network = network, Mac = mac, Mtu = mtu, Interface = face, Netns = options == 3 ? null : netns, Address = null },
            1 => new GuestModel { Name = name, Network = network, Mac = mac, Mtu = mtu, Interface = face, Owner = options == 0 ? null : options == 1 ? "1000" : "u" + place.Word },
            2 => new NicModel { Name = name, Network = network, Mac = mac, Mtu = mtu, Interface = face },
            _ => new VethModel { Name = name, Network = network, Mac = mac, Mtu = mtu, Interface = face, Netns = netns, Address = null },
        };
    }
}
