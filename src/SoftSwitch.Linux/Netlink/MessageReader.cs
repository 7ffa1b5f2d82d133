using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using static SoftSwitch.Linux.Interop.Netlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>Walks the messages of one datagram. Any bytes may be given; a broken message ends the walk.</summary>
internal ref struct MessageReader(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    internal nlmsghdr Header { get; private set; }

    /// <summary>What follows the header.</summary>
    internal ReadOnlySpan<byte> Payload { get; private set; }

    internal bool Next()
    {
        var size = Unsafe.SizeOf<nlmsghdr>();
        Payload = default;
        if (_rest.Length < size)
            return false;
        Header = MemoryMarshal.Read<nlmsghdr>(_rest);
        var length = Header.nlmsg_len;
        if (length < size || length > _rest.Length)
            return false;
        Payload = _rest[size..(int)length];
        _rest = _rest[Math.Min((int)((length + 3) & ~3u), _rest.Length)..];
        return true;
    }

    /// <summary>
    /// Reads an NLMSG_ERROR or NLMSG_DONE: errno, 0 for success, and the text of the extended acknowledgement where the kernel sent one.
    /// A payload that is too short reads as EIO.
    /// </summary>
    internal readonly int ReadStatus(out string? text)
    {
        text = null;
        if (Payload.Length < sizeof(int))
            return Header.nlmsg_type == NLMSG_DONE ? 0 : Errno.EIO;
        var error = MemoryMarshal.Read<int>(Payload);
        if (error > 0 || error == int.MinValue)
            return Errno.EIO;
        if ((Header.nlmsg_flags & NLM_F_ACK_TLVS) != 0)
        {
            var attributes = new AttributeReader(Payload[StatusLength()..]);
            while (attributes.Next())
            {
                if (attributes.Type == NLMSGERR_ATTR_MSG)
                    text = attributes.Text;
            }
        }
        return -error;
    }

    /// <summary>Bytes before the attributes: the number, and for an error the refused message's header, or all of it.</summary>
    private readonly int StatusLength()
    {
        if (Header.nlmsg_type == NLMSG_DONE)
            return sizeof(int);
        var fixedPart = sizeof(int) + Unsafe.SizeOf<nlmsghdr>();
        if (Payload.Length < fixedPart)
            return Payload.Length;
        if ((Header.nlmsg_flags & NLM_F_CAPPED) != 0)
            return fixedPart;
        var original = MemoryMarshal.Read<uint>(Payload[sizeof(int)..]);
        return (int)Math.Min(sizeof(int) + (((ulong)original + 3) & ~3ul), (ulong)Payload.Length);
    }
}
