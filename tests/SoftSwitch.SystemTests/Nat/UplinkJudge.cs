using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>What nobody may see outside, in a capture of everything that the host sent on its uplink.</summary>
internal static class UplinkJudge
{
    private const string AnInsideAddress =
        $"ip.addr == {World.Inside} || arp.src.proto_ipv4 == {World.Inside} || arp.dst.proto_ipv4 == {World.Inside}";

    /// <summary>Frames with an address of the inside in them: as source or destination, in ARP, or in the packet that an ICMP error
    /// quotes.</summary>
    public static IReadOnlyList<string> Leaks(string file) =>
        [.. Tshark.Fields(file, AnInsideAddress, "frame.number", "_ws.col.Protocol", "ip.src", "ip.dst", "_ws.col.Info")
            .Select(row => string.Join(' ', row))];

    /// <summary>TCP resets, by what a translation of their source leaves as it is: to whom, and the sequence numbers.</summary>
    public static IReadOnlyList<string> Resets(string file) =>
        [.. Tshark.Fields(file, "tcp.flags.reset == 1", "ip.dst", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw")
            .Select(row => string.Join(' ', row))];
}
