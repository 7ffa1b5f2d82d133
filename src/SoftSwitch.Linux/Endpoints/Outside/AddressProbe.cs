using System.Diagnostics;
using SoftSwitch.Linux.Endpoints.PacketSockets;
using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.Outside;

/// <summary>
/// Asks a link whether somebody has an address that is to be ours (RFC 5227, 2.1): three questions that name no sender, which change
/// nobody's tables. The standard waits for some seconds, for links and machines of its time; a third of a second does on Ethernet, and who
/// answers later meets the defence of the address. A thread of its own asks, so that nobody has to wait for it.
/// </summary>
public sealed unsafe class AddressProbe
{
    /// <summary>PROBE_NUM of RFC 5227.</summary>
    private const int Questions = 3;

    private const int MillisecondsBetween = 100;
    private const int Header = VirtioNetHeader.LegacySize, FrameSize = 60;

    private readonly Thread _thread;
    private MacAddress? _taker;

    private AddressProbe(PacketSocket socket, MacAddress mac, Ipv4Address address)
    {
        _thread = new(() =>
        {
            using (socket)
                _taker = Ask(socket.Fd, mac, address);
        }) { Name = "address probe", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Begins to ask. Call on a thread in the interface's namespace.</summary>
    /// <param name="interfaceName">For messages.</param>
    /// <param name="index">The interface.</param>
    /// <param name="mac">Ours.</param>
    /// <param name="address">The address.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public static AddressProbe Begin(string interfaceName, int index, MacAddress mac, Ipv4Address address) =>
        new(PacketSocket.Open(interfaceName, index, new()
        {
            OwnMac = mac,
            Mark = SocketMark.Translation,
            Filter = OutsideFilter.Own(mac, address).Program,
        }), mac, address);

    /// <summary>Waits for the answer. Before that, false: it isn't there yet.</summary>
    /// <param name="milliseconds">No longer than this.</param>
    /// <param name="taker">Who has the address; null: nobody, as far as is heard.</param>
    public bool Wait(int milliseconds, out MacAddress? taker)
    {
        var isDone = _thread.Join(milliseconds);
        taker = isDone ? _taker : null;
        return isDone;
    }

    private static MacAddress? Ask(int fd, MacAddress mac, Ipv4Address address)
    {
        Span<byte> frame = stackalloc byte[Header + FrameSize];
        frame.Clear();
        MacAddress.Broadcast.Write(frame[Header..]);
        mac.Write(frame[(Header + MacAddress.Size)..]);
        EthernetHeader.SetType(frame[Header..], EtherType.Arp);
        new ArpMessage(ArpMessage.Request, mac, default, default, address).Write(frame[(Header + EthernetHeader.Size)..]);
        for (var question = 0; question < Questions; question++)
        {
            // Where it can't be sent nobody is reached, and nobody answers.
            fixed (byte* bytes = frame)
                _ = Libc.write(fd, bytes, (nuint)frame.Length);
            var until = Stopwatch.GetTimestamp() + Stopwatch.Frequency * MillisecondsBetween / 1000;
            while (Stopwatch.GetTimestamp() < until)
            {
                if (Heard(fd, mac, address) is { } taker)
                    return taker;
                Thread.Sleep(5);
            }
        }
        return null;
    }

    /// <summary>Who says that the address is his, or asks for it as we do.</summary>
    private static MacAddress? Heard(int fd, MacAddress mac, Ipv4Address address)
    {
        Span<byte> frame = stackalloc byte[Header + FrameSize];
        fixed (byte* bytes = frame)
        {
            for (var length = Libc.read(fd, bytes, (nuint)frame.Length); length > 0; length = Libc.read(fd, bytes, (nuint)frame.Length))
            {
                const int packet = Header + EthernetHeader.Size;
                if (length < packet || !ArpMessage.TryRead(frame[packet..(int)length], out var message) || message.SenderMac == mac)
                    continue;
                if (message.SenderAddress == address || (message.SenderAddress == default && message.TargetAddress == address))
                    return message.SenderMac;
            }
        }
        return null;
    }
}
