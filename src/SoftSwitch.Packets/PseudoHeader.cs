namespace SoftSwitch.Packets;

/// <summary>The sum with which TCP's and UDP's checksums begin: addresses, protocol and length (RFC 9293, 3.1; RFC 8200, 8.1).</summary>
public static class PseudoHeader
{
    /// <param name="frame">The frame's first bytes, the whole IP header among them.</param>
    /// <param name="network">Where the IP header is.</param>
    /// <param name="length">Bytes of transport header and payload.</param>
    public static InternetChecksum Sum(ReadOnlySpan<byte> frame, int network, bool isIpv6, byte protocol, int length)
    {
        var ip = frame[network..];
        var sum = new InternetChecksum();
        sum.Add(isIpv6 ? ip.Slice(8, 32) : ip.Slice(12, 8));
        sum.Add(protocol);
        sum.Add((ushort)(length >> 16));
        sum.Add((ushort)length);
        return sum;
    }

    /// <summary>As above, of a packet that was read.</summary>
    public static InternetChecksum Sum(ReadOnlySpan<byte> frame, in TransportLayout layout, int length) =>
        Sum(frame, layout.NetworkOffset, layout.IsIpv6, layout.Protocol, length);
}
