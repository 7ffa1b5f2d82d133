namespace SoftSwitch.Packets.Dns;

/// <summary>
/// The data of records with names in them. In a message they may be pointers to other places of it (RFC 1035, 4.1.4), so they mean nothing
/// elsewhere: who keeps a record writes them in full. Only types of RFC 1035 may have pointers (RFC 3597, 4); of two later ones they are
/// understood all the same.
/// </summary>
public static class DnsData
{
    /// <summary>Bytes before the name: a preference, or priority, weight and port.</summary>
    private const int BeforeMx = 2, BeforeSrv = 6;

    /// <summary>Bytes behind the two names of SOA: serial, refresh, retry, expire, minimum (RFC 1035, 3.3.13).</summary>
    private const int BehindSoa = 20, MinimumInSoa = 16;

    /// <summary>Copies a record's data, with names in full.</summary>
    /// <param name="message">What the record is in.</param>
    /// <param name="data">Gets them.</param>
    /// <returns>Their length; negative: they can't be read, or have no room.</returns>
    public static int Copy(ReadOnlySpan<byte> message, in DnsRecord record, Span<byte> data) => record.Type switch
    {
        DnsType.Ns or DnsType.Cname or DnsType.Ptr or DnsType.Dname => Copy(message, record, data, 0, 1, 0),
        DnsType.Mx => Copy(message, record, data, BeforeMx, 1, 0),
        DnsType.Srv => Copy(message, record, data, BeforeSrv, 1, 0),
        DnsType.Soa => Copy(message, record, data, 0, 2, BehindSoa),
        _ => Copy(record.Data, data),
    };

    /// <summary>Seconds for which it is known that there is nothing, from the data of SOA with names in full (RFC 2308, 4).</summary>
    public static uint MinimumOf(ReadOnlySpan<byte> soa) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(soa[(soa.Length - BehindSoa + MinimumInSoa)..]);

    private static int Copy(ReadOnlySpan<byte> from, Span<byte> data) => from.TryCopyTo(data) ? from.Length : -1;

    private static int Copy(ReadOnlySpan<byte> message, in DnsRecord record, Span<byte> data, int before, int names, int behind)
    {
        var (end, length) = (record.DataOffset + record.Data.Length, before);
        if (record.Data.Length < before || !record.Data[..before].TryCopyTo(data))
            return -1;
        Span<byte> name = stackalloc byte[DnsName.MaximumSize];
        var at = record.DataOffset + before;
        for (; names > 0; names--)
        {
            var read = DnsName.Read(message, ref at, name);
            if (read == 0 || at > end || !name[..read].TryCopyTo(data[length..]))
                return -1;
            length += read;
        }
        if (end - at != behind || !message[at..end].TryCopyTo(data[length..]))
            return -1;
        return length + behind;
    }
}
