using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>
/// An answer that is being written for a guest: the question as it has asked it, records as long as there is room, and if it speaks EDNS,
/// what we can do. What has no room is left out, and the answer says so (RFC 2181, 9).
/// </summary>
internal ref struct DnsReply
{
    private readonly DnsAsker _asker;
    private readonly ReadOnlySpan<byte> _name;
    private readonly ushort _flags;
    private DnsWriter _writer;
    private byte _codeBits;
    private bool _isCut;

    /// <param name="room">At least as many bytes as the guest takes.</param>
    /// <param name="question">As the guest has written it; its name is empty where it can't be read.</param>
    /// <param name="isOwn">It is of what we know ourselves.</param>
    public DnsReply(Span<byte> room, DnsAsker asker, DnsQuestion question, DnsCode code, bool isOwn = false)
    {
        _asker = asker;
        _flags = asker.Answer(code, isOwn);
        _name = question.Name;
        var most = asker.MostBytes - (asker.Extension is null ? 0 : DnsExtension.RecordSize);
        _writer = new(room[..most], asker.Id, _flags);
        if (!question.Name.IsEmpty)
            _writer.TryAsk(question.Name, question.Type, question.Class);
        Room = room;
    }

    /// <summary>What is written so far is at its beginning.</summary>
    public Span<byte> Room { get; }

    /// <summary>A code that the header has no room for is in the extension (RFC 6891, 6.1.3): the version isn't known.</summary>
    public void RefuseVersion() => _codeBits = 1;

    /// <inheritdoc cref="DnsWriter.TryAdd"/>
    public void Add(int section, scoped ReadOnlySpan<byte> name, ushort type, uint ttl, scoped ReadOnlySpan<byte> data)
    {
        // The guest finds the name that it has asked for written as it has written it (RFC 4343, 4.1).
        var own = DnsName.AreEqual(name, _name) ? _name : name;
        if (!_isCut && !_writer.TryAdd(section, own, type, ttl, data))
            _isCut = true;
    }

    /// <inheritdoc cref="DnsWriter.TryTake"/>
    public bool TryTake(scoped ReadOnlySpan<byte> message, int from) => _writer.TryTake(message, from);

    /// <summary>Ends it.</summary>
    /// <returns>The whole message.</returns>
    public ReadOnlySpan<byte> Finish()
    {
        if (_isCut)
            _writer.SetFlags((ushort)(_flags | DnsHeader.Truncated));
        var length = _writer.Length;
        if (_asker.Extension is not { } extension)
            return Room[..length];
        // Its room was kept.
        var end = DnsWriter.Continue(Room[..(length + DnsExtension.RecordSize)], length);
        new DnsExtension(DnsExtension.PassesEverywhere, _codeBits, 0, extension.WantsSecurity).TryWrite(ref end);
        return Room[..end.Length];
    }
}
