using System.Buffers.Binary;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Who says that he has the address of the gateway, of another guest, of the router outside or of the outside address itself:
/// pings of a bystander go on, whatever real stacks make of what they hear.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class ThiefTests : IDisposable
{
    private const int Pings = 150;

    private static readonly MacAddress s_thief = MacAddress.Parse("52:54:00:66:66:66", null);

    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_guest_takes_neither_the_gateways_address_nor_another_guests()
    {
        Need.Tun();
        // No address in the file: nobody is bound to a port.
        using var started = SoftSwitchProcess.Start($$"""
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, outside: {} }
            ports:
              one: { network: dev, kind: tap, netns: "{{_world.One.Name}}", interface: eth0 }
              two: { network: dev, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0 }
            """, _world.Host);
        _world.One.Address("eth0", $"{World.OneAddress}/24");
        _world.Two.Address("eth0", $"{World.TwoAddress}/24");
        _world.TellGuests();
        Ping.Wait(_world.Two, World.FarAddress);
        var gateway = _world.Two.Check($"ip neigh show {World.Gateway}");
        var (own, two) = (MacAddress.Parse(_world.One.Mac("eth0"), null), MacAddress.Parse(_world.Two.Mac("eth0"), null));
        Bystanders(
            [World.Gateway, World.FarAddress],
            i => RawFrames.Send(_world.One, "eth0", 20, 60, (one, frame) => Claim(frame, own, (one % 4) switch
            {
                0 or 1 => World.Gateway,
                _ => World.TwoAddress,
            }, (ushort)(1 + i % 2), one % 2 == 0 ? MacAddress.Broadcast : two)));
        Assert.Equal(gateway.Split("lladdr ")[1][..17], _world.Two.Check($"ip neigh show {World.Gateway}").Split("lladdr ")[1][..17]);
        Assert.Equal(0, _world.Two.Run("ping -c 3 -i 0.2 -W 1 -q " + World.FarAddress).ExitStatus);
        Assert.Contains(started.Items("drops"), drop => drop.GetProperty("port").GetString() == "one"
            && drop.GetProperty("reason").GetString() == "address-taken" && drop.GetProperty("count").GetInt64() > 0);
        started.Terminate();
    }

    [Fact]
    public void Nobody_on_the_LAN_takes_the_routers_address_or_ours()
    {
        using var started = _world.Start($$"""
            networks:
              dev: { mode: nat, subnet: {{World.Inside}},
                outside: { interface: nic, address: {{World.OwnAddress}}/24, gateway: {{World.LanAddress}} } }
            {{_world.Ports}}
            """);
        Ping.Wait(_world.Two, World.FarAddress);
        var nic = MacAddress.Parse(_world.Lan.Check($"ip neigh show {World.OwnAddress}").Split("lladdr ")[1][..17], null);
        Bystanders([World.FarAddress], i => RawFrames.Send(_world.Lan, "lan0", 20, 60, (one, frame) => Claim(
            frame, s_thief, World.LanAddress, (ushort)(1 + (i + one) % 2), one % 2 == 0 ? MacAddress.Broadcast : nic)));
        started.Terminate();
    }

    /// <summary>A guest pings while somebody attacks again and again; nothing is lost.</summary>
    private void Bystanders(string[] pinged, Action<int> attack)
    {
        var pings = pinged.Select(address => _world.Two.Start("ping", "-q", "-c", $"{Pings}", "-i", "0.02", "-W", "2", address)).ToList();
        for (var i = 0; pings.Exists(ping => ping.IsRunning); i++)
        {
            attack(i);
            Thread.Sleep(20);
        }
        foreach (var ping in pings)
        {
            ping.WaitForExit();
            Assert.Contains($"{Pings} received, 0% packet loss", ping.All());
        }
    }

    private static void Claim(byte[] frame, MacAddress thief, string address, ushort operation, MacAddress to)
    {
        Array.Clear(frame);
        to.Write(frame);
        thief.Write(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), EtherType.Arp);
        new ArpMessage(operation, thief, Ipv4Address.Parse(address), to, Ipv4Address.Parse(address)).Write(frame.AsSpan(14));
    }
}
