using System.Runtime.CompilerServices;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Netlink;
using static SoftSwitch.Linux.Interop.Nfnetlink;
using static SoftSwitch.Linux.Interop.NfConntrack;
using static SoftSwitch.Linux.Interop.NfTables;

namespace SoftSwitch.Linux.Nftables;

/// <summary>
/// Connections of the host that a chain has led to an address. The kernel's conntrack remembers where to, also when the chain is gone: then
/// their packets would go on to that address, by whichever way, so they have to be forgotten.
/// </summary>
internal static class LedConnections
{
    /// <summary>Room for a tuple of IPv6 with its ports, twice over.</summary>
    private const int MessageSize = 256;

    /// <summary>What is said in such a connection from now on begins anew, and goes where it would have gone. What the kernel can't do
    /// (no ctnetlink) is left: those that are silent are forgotten in time.</summary>
    /// <param name="answering">The address that they were led to.</param>
    /// <param name="inside">The namespace; null: the calling thread's.</param>
    public static void Forget(Ipv4Address answering, NetworkNamespace? inside = null)
    {
        Span<byte> address = stackalloc byte[Ipv4Address.Size];
        answering.Write(address);
        Forget(NFPROTO_IPV4, address.ToArray(), inside);
    }

    /// <inheritdoc cref="Forget(Ipv4Address, NetworkNamespace?)"/>
    public static void Forget(Ipv6Address answering, NetworkNamespace? inside = null)
    {
        Span<byte> address = stackalloc byte[Ipv6Address.Size];
        answering.Write(address);
        Forget(NFPROTO_IPV6, address.ToArray(), inside);
    }

    private static void Forget(byte family, byte[] answering, NetworkNamespace? inside)
    {
        try
        {
            using var socket = new NetlinkSocket(protocol: NETLINK_NETFILTER, inside: inside);
            var led = new List<(byte[] Tuple, byte[] Id, byte[] Zone)>();
            Span<byte> buffer = stackalloc byte[MessageSize];
            var request = Begin(family, buffer, IPCTNL_MSG_CT_GET);
            socket.Dump(request.Message, "IPCTNL_MSG_CT_GET", "connections", led.Clear, (_, payload) =>
            {
                if (Read(payload, answering) is { } one)
                    led.Add(one);
            });
            foreach (var (tuple, id, zone) in led)
            {
                var forget = Begin(family, buffer, IPCTNL_MSG_CT_DELETE);
                forget.Put(CTA_TUPLE_ORIG | NLA_F_NESTED, tuple);
                forget.Put(CTA_ID, id);
                if (zone.Length > 0)
                    forget.Put(CTA_ZONE, zone);
                // It may have ended by itself.
                _ = socket.Ask(forget.Message, "IPCTNL_MSG_CT_DELETE", "connections", null);
            }
        }
        catch (SystemCallException)
        {
            // Nobody is the worse for it as long as the way is there.
        }
    }

    /// <summary>What a connection is known by; null: its answers don't come from there.</summary>
    /// <param name="answering">The address, as it stands in a packet.</param>
    internal static (byte[] Tuple, byte[] Id, byte[] Zone)? Read(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> answering)
    {
        var (tuple, id, zone, isLed) = (Array.Empty<byte>(), Array.Empty<byte>(), Array.Empty<byte>(), false);
        var attributes = new AttributeReader(payload[int.Min(payload.Length, Unsafe.SizeOf<nfgenmsg>())..]);
        while (attributes.Next())
        {
            if (attributes.Type == CTA_TUPLE_ORIG)
                tuple = attributes.Value.ToArray();
            else if (attributes.Type == CTA_TUPLE_REPLY)
                isLed = SourceOf(attributes.Nested) is { IsEmpty: false } source && source.SequenceEqual(answering);
            else if (attributes.Type == CTA_ID)
                id = attributes.Value.ToArray();
            else if (attributes.Type == CTA_ZONE)
                zone = attributes.Value.ToArray();
        }
        return isLed && tuple.Length is > 0 and < MessageSize / 2 ? (tuple, id, zone) : null;
    }

    private static ReadOnlySpan<byte> SourceOf(AttributeReader tuple)
    {
        while (tuple.Next())
        {
            var addresses = tuple.Nested;
            while (tuple.Type == CTA_TUPLE_IP && addresses.Next())
            {
                if (addresses.Type is CTA_IP_V4_SRC or CTA_IP_V6_SRC)
                    return addresses.Value;
            }
        }
        return default;
    }

    private static MessageBuilder Begin(byte family, Span<byte> buffer, ushort type)
    {
        var message = new MessageBuilder(buffer, (ushort)(NFNL_SUBSYS_CTNETLINK << 8 | type), 0);
        message.Append(new nfgenmsg { nfgen_family = family });
        return message;
    }
}
