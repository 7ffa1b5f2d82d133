using System.Buffers.Binary;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Keeping;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.IfPacket;
using static SoftSwitch.Linux.Interop.SysSocket;

namespace SoftSwitch.Linux.Endpoints;

/// <summary>
/// Says on an interface's network which MAC its address has (RFC 5227, 2.3; the kernel does so only where <c>arp_notify</c> is set): a
/// neighbor that remembers another one learns of it at once, and not when its entry has run out.
/// </summary>
internal static unsafe class Announcement
{
    /// <summary>Sends it as the interface would.</summary>
    /// <param name="inside">The interface's namespace.</param>
    /// <param name="interfaceName">For messages.</param>
    /// <param name="index">The interface.</param>
    /// <param name="mac">Its address.</param>
    /// <param name="address">What it has.</param>
    /// <exception cref="SystemCallException">The interface is down or gone.</exception>
    public static void Send(NetworkNamespace inside, string interfaceName, int index, MacAddress mac, Ipv4Address address)
    {
        Span<byte> frame = stackalloc byte[EthernetHeader.Size + ArpMessage.Size];
        MacAddress.Broadcast.Write(frame);
        mac.Write(frame[MacAddress.Size..]);
        EthernetHeader.SetType(frame, EtherType.Arp);
        new ArpMessage(ArpMessage.Request, mac, address, default, address).Write(frame[EthernetHeader.Size..]);
        // Protocol 0 hears nothing.
        using var socket = NetworkNamespace.Open(inside, Opening.Socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0),
            $"packet socket on {interfaceName}", Remedy.Lacking(Capability.NetRaw));
        var to = new sockaddr_ll
        {
            sll_family = AF_PACKET,
            sll_protocol = BinaryPrimitives.ReverseEndianness(EtherType.Arp),
            sll_ifindex = index,
            sll_halen = MacAddress.Size,
        };
        // SAFETY: the kernel reads as many bytes as the frame and the address have, both on this stack.
        fixed (byte* bytes = frame)
        {
            var fd = (int)socket.DangerousGetHandle();
            var sent = Libc.sendto(fd, bytes, (nuint)frame.Length, 0, &to, (uint)sizeof(sockaddr_ll));
            SystemCallException.ThrowIfNegative((int)sent, "sendto", $"packet socket on {interfaceName}");
        }
    }
}
