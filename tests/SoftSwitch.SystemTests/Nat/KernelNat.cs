using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>
/// The kernel in the switch's place: a bridge with the gateway's address, ip_forward and nftables' masquerade. What judges the switch
/// judges this first, so that a topology that can't work, or a judge that sees nothing, is found without the switch.
/// </summary>
internal static class KernelNat
{
    public const string Masquerade = "table ip nat { chain post { type nat hook postrouting priority srcnat; oifname nic masquerade; }; }";

    public static void Start(World world, string rules = Masquerade)
    {
        var host = world.Host;
        host.Check("ip link add name br0 type bridge");
        // Frames between guests are the bridge's alone.
        host.Exec("sh", ["-c", "f=/proc/sys/net/bridge/bridge-nf-call-iptables; [ ! -e $f ] || echo 0 > $f"]).Succeeded();
        foreach (var (guest, port, address) in new[] { (world.One, "one", World.OneAddress), (world.Two, "two", World.TwoAddress) })
        {
            host.Veth(port, guest, "eth0");
            host.Check($"ip link set dev {port} master br0");
            guest.Address("eth0", $"{address}/24");
        }
        host.Address("br0", $"{World.Gateway}/24");
        host.Up("br0");
        world.TellGuests();
        host.Exec("sh", ["-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]).Succeeded();
        Rules(world, rules);
    }

    /// <summary>Instead of what was there.</summary>
    public static void Rules(World world, string rules)
    {
        Need.Tool("nft");
        world.Host.Check("nft flush ruleset");
        if (rules.Length > 0)
            world.Host.Exec("nft", [rules]).Succeeded();
    }
}
