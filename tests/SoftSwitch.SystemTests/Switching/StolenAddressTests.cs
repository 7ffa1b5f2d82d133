using System.Globalization;
using System.Text.RegularExpressions;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.HostNeighbor;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>A guest sends with the address of another, a thousand times a second; the kernel's bridge shows what that does.</summary>
public sealed partial class StolenAddressTests
{
    private const string Victim = "10.6.0.1";

    [Fact]
    public void Who_speaks_to_a_station_whose_address_is_stolen_reaches_it_and_by_the_kernel_s_bridge_does_not()
    {
        Need.Tun();
        using var lab = new Lab();
        lab.Host.Veth("k1", lab.One, "eth0");
        lab.Host.Veth("k2", lab.Two, "eth0");
        lab.Host.Veth("k3", lab.Thief, "eth0");
        lab.Host.Bridge("br0", "k1", "k2", "k3");
        lab.Addresses();
        var byKernel = lab.ReachedWhileStolen();
        lab.Host.Check("ip link delete dev br0");
        foreach (var port in new[] { "k1", "k2", "k3" })
            lab.Host.Check($"ip link delete dev {port}");

        using var running = SoftSwitchProcess.Start($$"""
            networks: { lab: { mode: internal } }
            ports:
              one: { network: lab, kind: tap, netns: "{{lab.One.Name}}", interface: eth0 }
              two: { network: lab, kind: veth, netns: "{{lab.Two.Name}}", interface: eth0 }
              thief: { network: lab, kind: veth, netns: "{{lab.Thief.Name}}", interface: eth0 }
            """, lab.Host);
        lab.Addresses();
        var reached = lab.ReachedWhileStolen();
        Assert.True(byKernel < Lab.Pings / 2, $"the kernel's bridge lost {Lab.Pings - byKernel} of {Lab.Pings}");
        Assert.Equal(Lab.Pings, reached);
        Assert.True(running.Items("drops").Single(drop => drop.GetProperty("port").GetString() == "thief"
            && drop.GetProperty("reason").GetString() == "source-elsewhere").GetProperty("count").GetInt64() > 100);
        // Three times it must have been wrong, a second apart.
        using (new Theft(lab.Thief, Frame(Bytes(lab.One.Mac("eth0")), MacAddress.Broadcast, EtherType.LocalExperiment, 50)))
        {
            Eventually.Holds(() =>
            {
                Ping.Wait(lab.Two, Victim);
                return running.Errors.Any(line => line.Contains("source-elsewhere", StringComparison.Ordinal));
            });
        }
        var line = Assert.Single(running.Errors, line => line.Contains("source-elsewhere"));
        Assert.Contains($"port thief: sends as {lab.One.Mac("eth0")}, which is at port one", line);
    }

    [Fact]
    public void A_guest_that_sends_as_the_LAN_s_router_cuts_off_neither_the_host_nor_another()
    {
        Need.Tun();
        using var all = new Neighborhood();
        var router = Bytes(all.Station.Mac("eth0"));
        Ping.Wait(all.Host, Neighborhood.StationAddress);
        // Once a second the switch asks the host whom it knows.
        Thread.Sleep(1500);
        using var theft = new Theft(all.Guests, Frame(router, MacAddress.Broadcast, EtherType.LocalExperiment, 50));
        Assert.Equal(40, Reached(all.Host, Neighborhood.StationAddress, 40));
        // Nobody has spoken for a while: the router is silent, and there.
        Thread.Sleep(4000);
        Assert.Equal(5, Reached(all.Host, Neighborhood.StationAddress, 5));
        Assert.Equal(20, Reached(all.Guests, Neighborhood.StationAddress, 20));
        Assert.DoesNotContain(all.Station.Mac("eth0"), all.Host.Check("nft list ruleset"));
    }

    [Fact]
    public void A_guest_that_says_to_have_the_router_s_address_and_the_host_s_leads_nobody_to_itself()
    {
        Need.Tun();
        using var all = new Neighborhood();
        Ping.Wait(all.Host, Neighborhood.StationAddress);
        Ping.Wait(all.Host, Neighborhood.StationAddress6);
        Thread.Sleep(1500);
        var (thief, station) = (Bytes(Neighborhood.GuestMac), Bytes(all.Station.Mac("eth0")));
        using var theft = new Theft(all.Guests,
            Arp(thief, Neighborhood.StationAddress), Advertisement(thief, Neighborhood.StationAddress6),
            Arp(thief, Neighborhood.HostAddress), Advertisement(thief, Neighborhood.HostAddress6));
        foreach (var address in new[] { Neighborhood.StationAddress, Neighborhood.StationAddress6 })
            Assert.Equal(20, Reached(all.Host, address, 20));
        foreach (var address in new[] { Neighborhood.HostAddress, Neighborhood.HostAddress6 })
            Assert.Equal(20, Reached(all.Station, address, 20));
        Assert.Contains(all.Station.Mac("eth0"), all.Host.Check($"ip neigh show {Neighborhood.StationAddress}"));
    }

    /// <summary>Says to all that it has an address.</summary>
    private static byte[] Arp(byte[] mac, string address)
    {
        var frame = Frame(mac, MacAddress.Broadcast, EtherType.Arp, ArpMessage.Size);
        new ArpMessage(ArpMessage.Reply, MacAddress.Read(mac), Ipv4Address.Parse(address), MacAddress.Broadcast,
            Ipv4Address.Parse(address)).Write(frame.AsSpan(EthernetHeader.Size));
        return frame;
    }

    private static byte[] Advertisement(byte[] mac, string address)
    {
        var frame = Frame(mac, new(0x3333_0000_0001), EtherType.Ipv6, NeighborDiscovery.AnnouncementSize - EthernetHeader.Size);
        NeighborDiscovery.WriteAnnouncement(frame, Ipv6Address.Parse(address), MacAddress.Read(mac));
        return frame;
    }

    private static byte[] Frame(byte[] mac, MacAddress to, ushort type, int length)
    {
        var frame = new byte[int.Max(EthernetHeader.Size + length, EthernetHeader.MinimumFrame)];
        to.Write(frame);
        mac.CopyTo(frame, MacAddress.Size);
        EthernetHeader.SetType(frame, type);
        return frame;
    }

    private static int Reached(NetNs from, string address, int count) => int.Parse(
        Received().Match(from.Run($"ping -c {count} -i 0.05 -W 2 {address}", TimeSpan.FromSeconds(60)).Output).Groups[1].Value,
        CultureInfo.InvariantCulture);

    private static byte[] Bytes(string mac) => Convert.FromHexString(mac.Replace(":", "", StringComparison.Ordinal));

    [GeneratedRegex(@"(\d+) received")]
    private static partial Regex Received();

    private sealed class Lab : IDisposable
    {
        public const int Pings = 40;

        public NetNs Host { get; } = new("host");

        /// <summary>Whose address is stolen.</summary>
        public NetNs One { get; } = new("one");

        public NetNs Two { get; } = new("two");

        public NetNs Thief { get; } = new("thief");

        public void Addresses()
        {
            // One of its own: what the switch has made for a port no other guest can bring at all.
            One.Check("ip link set eth0 address 02:00:00:00:06:01");
            One.Address("eth0", $"{Victim}/24");
            Two.Address("eth0", "10.6.0.2/24");
            Thief.Up("eth0");
            Ping.Wait(Two, Victim);
        }

        public int ReachedWhileStolen()
        {
            using var theft = new Theft(Thief, Frame(Bytes(One.Mac("eth0")), MacAddress.Broadcast, EtherType.LocalExperiment, 50));
            Thread.Sleep(200);
            return Reached(Two, Victim, Pings);
        }

        public void Dispose()
        {
            Host.Dispose();
            One.Dispose();
            Two.Dispose();
            Thief.Dispose();
        }
    }

    /// <summary>Sends what no honest guest would, about a thousand times a second, until it is disposed of.</summary>
    private sealed class Theft : IDisposable
    {
        private readonly Thread _thread;
        private volatile bool _ends;

        public Theft(NetNs from, params byte[][] frames)
        {
            _thread = new(() => Run(from, frames)) { IsBackground = true };
            _thread.Start();
        }

        public void Dispose()
        {
            _ends = true;
            _thread.Join();
        }

        private void Run(NetNs from, byte[][] frames)
        {
            while (!_ends)
            {
                foreach (var sent in frames)
                {
                    RawFrames.Send(from, "eth0", 50 / frames.Length, sent.Length, (_, frame) =>
                    {
                        Thread.Sleep(1);
                        sent.CopyTo(frame, 0);
                    });
                }
            }
        }
    }
}
