using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>Guests with the kernel's own ARP: each finds whom it finds on the kernel's bridge, and wakes up nobody else.</summary>
public sealed partial class ArpTests
{
    private static readonly int[] s_othersThan0 = [1, 2, 3, 4, 5, 6, 7];

    [Fact]
    public void Guests_find_each_other_as_on_the_kernel_s_bridge_and_wake_up_nobody_else()
    {
        Need.Tun();
        Need.Tool("tcpdump");
        using var lab = new Lab();
        IReadOnlyList<string> found = [];
        lab.OnBridge(lab =>
        {
            found = lab.Findings();
            Assert.Equal(s_othersThan0, lab.Woken(0, Address(5)));
        });

        using var running = lab.OnSwitch();
        Assert.Equal(found, lab.Findings());
        Thread.Sleep(s_later);
        Assert.Equal([5], lab.Woken(0, Address(5)));
        // Again within seconds, and one whom nobody knows.
        Assert.Equal(s_othersThan0, lab.Woken(0, Address(5)));
        Assert.Equal(s_othersThan0, lab.Woken(0, "10.6.0.99"));
        Assert.Equal([4], lab.Woken(0, Address(4)));
        running.Terminate();

        using var floods = lab.OnSwitch("flood");
        lab.Reaches(4, Address(0), owner: 0, seconds: 3);
        Assert.Equal(s_othersThan0, lab.Woken(0, Address(4)));
        floods.Terminate();
    }

    [Fact]
    public void Who_takes_an_address_over_gets_what_is_sent_to_it()
    {
        Need.Tun();
        using var lab = new Lab();
        using var running = lab.OnSwitch();
        lab.Reaches(0, Address(3), owner: 3, seconds: 3);
        lab.Move(Address(3), from: 3, to: 5);
        lab.Guests[5].Check($"arping -q -U -c 2 -I eth0 {Address(3)}");
        // Who had it is asked three times within a second whether he still has.
        lab.Reaches(0, Address(3), owner: 5, seconds: 4);
        // One that has never asked before, and the way back, which nobody announces.
        lab.Reaches(1, Address(3), owner: 5, seconds: 3);
        lab.Move(Address(3), from: 5, to: 3);
        lab.Reaches(2, Address(3), owner: 3, seconds: 8);
        running.Terminate();
    }

    [Fact]
    public void Two_routers_with_one_address_take_it_over_from_each_other()
    {
        Need.Tun();
        Need.RealRoot("keepalived");
        using var lab = new Lab();
        using var running = lab.OnSwitch();
        using var master = Router(lab, 6, priority: 200);
        lab.Reaches(0, "10.6.0.200", owner: 6, seconds: 8);
        using var backup = Router(lab, 7, priority: 100);
        backup.WaitForLine(line => line.Contains("BACKUP", StringComparison.OrdinalIgnoreCase));
        Thread.Sleep(1_500);
        Assert.Contains(lab.Guests[6].Mac("eth0"), lab.Guests[0].Check("ip neigh show 10.6.0.200"));
        master.Signal("TERM");
        master.WaitForExit();
        lab.Reaches(0, "10.6.0.200", owner: 7, seconds: 4);
        lab.Reaches(1, "10.6.0.200", owner: 7, seconds: 2);
        running.Terminate();
    }

    [Fact]
    public void A_router_that_answers_for_others_is_asked_for_them()
    {
        Need.Tun();
        Need.Tool("tcpdump");
        using var lab = new Lab();
        using var far = new NetNs("far");
        using var running = lab.OnSwitch();
        const string behind = "10.6.1.9";
        lab.Guests[7].Veth("in0", far, "eth0");
        lab.Guests[7].Address("in0", "10.6.1.1/24");
        far.Address("eth0", $"{behind}/24");
        far.Check("ip route add default via 10.6.1.1");
        lab.Guests[7].Check("sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.conf.eth0.proxy_arp=1");
        foreach (var guest in lab.Guests[..3])
            guest.Check("ip route add 10.6.1.0/24 dev eth0");
        lab.Reaches(0, behind, owner: 7, seconds: 4);
        lab.Reaches(1, behind, owner: 7, seconds: 4);
        // Its own first word is heard by all.
        lab.Reaches(2, Address(3), owner: 3, seconds: 3);
        Assert.Equal([7], lab.Woken(2, behind));
        running.Terminate();
    }

    /// <summary>In RFC 5798's terms: an announcement a second, and another that takes over when it is told that the master goes.</summary>
    private static BackgroundProcess Router(Lab lab, int guest, int priority)
    {
        var (config, pid) = (TemporaryFolder.NewPath(".conf"), TemporaryFolder.NewPath(".pid"));
        File.WriteAllText(config, $$"""
            vrrp_instance one {
              state BACKUP
              interface eth0
              virtual_router_id 51
              priority {{priority}}
              advert_int 1
              virtual_ipaddress { 10.6.0.200/24 }
            }
            """);
        return lab.Guests[guest].Start("keepalived", "--dont-fork", "--log-console", "--vrrp", "--use-file", config, "--pid", pid,
            "--vrrp_pid", pid + ".vrrp");
    }
}
