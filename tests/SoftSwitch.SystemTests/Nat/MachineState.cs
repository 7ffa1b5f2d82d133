using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>All that a program can leave behind in a namespace's network: interfaces with their settings, addresses, routes, rules,
/// filters, switches.</summary>
internal static class MachineState
{
    private const string Everything =
        """
        ip -d addr
        ip route show table all
        ip rule
        nft list ruleset
        tc qdisc show
        for i in /sys/class/net/*; do i=${i##*/}; tc filter show dev $i ingress; tc filter show dev $i egress; done 2> /dev/null
        grep -r . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/ip_local_* /proc/sys/net/ipv4/conf
        """;

    public static string Of(NetNs ns)
    {
        Need.Tool("nft");
        // /sys shows the namespace that mounted it, which "ip netns exec" does afresh.
        return ns.Exec("sh", ["-c", Everything]).Output;
    }
}
