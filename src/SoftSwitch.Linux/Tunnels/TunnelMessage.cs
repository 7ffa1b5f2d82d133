using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.SysSocket;

namespace SoftSwitch.Linux.Tunnels;

/// <summary>What is sent beside a super-frame in a tunnel: its offload header as a packet socket reads it, and its
/// <see cref="TunnelNote"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TunnelMessage
{
    private VirtioNetHeader _offload;
    private Libc.cmsghdr _header;
    private ulong _note;

    /// <summary>
    /// Puts both into a message that is a frame's pieces: offload header, head, body. The frame's own header stays as it is, the frame may
    /// go elsewhere too. This struct stays where it is until the message is sent.
    /// </summary>
    internal void Describe(ref Libc.msghdr message)
    {
        var pieces = message.msg_iov;
        _offload = *(VirtioNetHeader*)pieces[0].Start;
        _offload.GsoType = _offload.GsoType & ~(GsoType.UdpTunnelIpv4 | GsoType.UdpTunnelIpv6);
        _note = TunnelNote.Of(pieces[1].Bytes, _offload.ChecksumStart);
        _header = new() { cmsg_len = (nuint)(sizeof(Libc.cmsghdr) + sizeof(ulong)), cmsg_level = SOL_SOCKET, cmsg_type = SO_TXTIME };
        // SAFETY: the struct is on the sender's stack, as its summary asks.
        fixed (TunnelMessage* here = &this)
        {
            pieces[0] = new((byte*)&here->_offload, VirtioNetHeader.LegacySize);
            message.msg_control = &here->_header;
            message.msg_controllen = (nuint)(sizeof(Libc.cmsghdr) + sizeof(ulong));
        }
    }
}
