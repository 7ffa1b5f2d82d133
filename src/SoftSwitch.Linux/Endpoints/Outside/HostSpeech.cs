using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Linux.Endpoints.PacketSockets;
using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.Outside;

/// <summary>
/// Hears at the NIC what the host's own programs say from ports of wide forwards. These ports have no listener that would keep them, so the
/// kernel may choose one for a program's question. The answer is the host's alone, even before a look at its sockets
/// (<see cref="HostPorts"/>) finds the program's.
/// <para>
/// A packet socket of its own hears nothing else. Its copy of a question is there before the question leaves, and the outside's port looks
/// here after it has received frames and before any of them is translated: so no answer is seen before its question. The socket wakes
/// nobody: if the port doesn't look for a second, the control loop does. Where more is said meanwhile than the socket holds, some thousand
/// datagrams, the rest is left to <see cref="HostPorts"/>.
/// </para>
/// </summary>
/// <param name="addresses">The host's at which the ranges are forwarded.</param>
/// <param name="ranges">The wide forwards.</param>
/// <param name="spoken">Where the ports are noted.</param>
public sealed unsafe class HostSpeech(
    IReadOnlyCollection<Ipv4Address> addresses, IReadOnlyCollection<TransportPorts> ranges, SpokenPorts spoken) : IReceiveWitness
{
    private const int Batch = 32;

    /// <summary>Bytes that are looked at: the longest headers, and the ports behind them.</summary>
    private const int Looked = EthernetHeader.Size + 60 + UdpHeader.Size;

    private PacketSocket? _socket;
    private string _interface = "";

    /// <exception cref="SystemCallException">The kernel refused.</exception>
    internal void Open(string interfaceName, int index)
    {
        _interface = interfaceName;
        _socket = PacketSocket.Open(interfaceName, index, new()
        {
            Filter = Said.Program,
            HearsOutgoing = true,
            Mark = SocketMark.Translation,
        });
    }

    /// <summary>Hears what is said from these addresses and ports, now and when it is opened again.</summary>
    /// <param name="changed">The addresses.</param>
    /// <param name="wide">The wide forwards.</param>
    /// <exception cref="SystemCallException">The kernel refused; the earlier ones are heard, until this is called again.</exception>
    public void Hear(IReadOnlyCollection<Ipv4Address> changed, IReadOnlyCollection<TransportPorts> wide)
    {
        (addresses, ranges) = (changed, wide);
        _socket?.Filter(Said.Program.Span, _interface);
    }

    /// <summary>Takes all that was said. For any thread, but not beside <see cref="Dispose"/>.</summary>
    [SkipLocalsInit]
    public void Look()
    {
        if (_socket is not { } socket)
            return;
        var heads = stackalloc byte[Batch * (VirtioNetHeader.LegacySize + Looked)];
        var pieces = stackalloc IoVector[Batch];
        var messages = stackalloc Libc.mmsghdr[Batch];
        for (var received = Batch; received == Batch;)
        {
            for (var i = 0; i < Batch; i++)
            {
                pieces[i] = new(heads + i * (VirtioNetHeader.LegacySize + Looked), VirtioNetHeader.LegacySize + Looked);
                messages[i] = new() { msg_hdr = new() { msg_iov = pieces + i, msg_iovlen = 1 } };
            }
            received = Libc.recvmmsg(socket.Fd, messages, Batch, SysSocket.MSG_DONTWAIT, null);
            // One that the offload header can't say is no datagram; those behind it are still there.
            if (received < 0 && Marshal.GetLastPInvokeError() == Errno.EINVAL)
                received = Batch;
            else
                for (var i = 0; i < received; i++)
                    Note(new(pieces[i].Start, (int)uint.Min(messages[i].msg_len, VirtioNetHeader.LegacySize + Looked)));
        }
    }

    /// <summary>Has its socket, which takes the kernel long to close, stay open until the program that goes on has another.</summary>
    internal void Hold(Inheritance heir) => _socket?.Hold(heir);

    public void Dispose()
    {
        var socket = _socket;
        _socket = null;
        socket?.Dispose();
    }

    private OutsideFilter Said => OutsideFilter.Said(addresses, ranges, SocketMark.Translation);

    /// <summary>Notes the port. The filter lets nothing through but whole headers of IPv4 and UDP.</summary>
    private void Note(ReadOnlySpan<byte> frame)
    {
        var packet = frame[int.Min(frame.Length, VirtioNetHeader.LegacySize + EthernetHeader.Size)..];
        var transport = packet.Length == 0 ? 0 : (packet[0] & 0xf) * 4;
        if (packet.Length >= transport + UdpHeader.Size)
            spoken.Note(BinaryPrimitives.ReadUInt16BigEndian(packet[(transport + UdpHeader.SourcePortOffset)..]));
    }
}
