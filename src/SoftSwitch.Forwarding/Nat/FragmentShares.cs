namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Places for packets in fragments, and who has how many of them: when there are too many, the sender with the most gives up its oldest,
/// and who has few keeps them. Senders stand in lists by how many packets they have, so that nobody is searched for. Used under the table's
/// lock.
/// </summary>
internal sealed class FragmentShares
{
    private readonly int _places;
    private readonly Dictionary<FragmentKey, FragmentSender> _senders;
    private readonly Stack<FragmentSender> _spare;
    private readonly LinkedList<FragmentSender>[] _byCount;
    private int _most;

    public FragmentShares(int places)
    {
        _places = places;
        _senders = new(places + 1);
        _spare = new(places + 1);
        _byCount = [.. Enumerable.Range(0, places + 2).Select(_ => new LinkedList<FragmentSender>())];
    }

    public int Count { get; private set; }

    /// <summary>There are more than there are places: <see cref="Surplus"/> must go.</summary>
    public bool IsOver => Count > _places;

    /// <summary>The oldest packet of the sender with the most; of several such senders, of the one that has had so many for
    /// longest.</summary>
    public FragmentedPacket Surplus => _byCount[_most].First!.Value.Packets.First!.Value;

    public void Add(FragmentedPacket packet)
    {
        var key = packet.Key.Sender;
        if (!_senders.TryGetValue(key, out var sender))
        {
            if (!_spare.TryPop(out sender))
                sender = new();
            sender.Key = key;
            _senders.Add(key, sender);
        }
        else
        {
            _byCount[sender.Packets.Count].Remove(sender.Place);
        }
        sender.Packets.AddLast(packet.OfSender);
        packet.Sender = sender;
        _byCount[sender.Packets.Count].AddLast(sender.Place);
        _most = int.Max(_most, sender.Packets.Count);
        Count++;
    }

    /// <summary>Takes a packet out, of which no fragment waits any more.</summary>
    public void Remove(FragmentedPacket packet)
    {
        var sender = packet.Sender!;
        _byCount[sender.Packets.Count].Remove(sender.Place);
        sender.Packets.Remove(packet.OfSender);
        packet.Sender = null;
        Count--;
        if (sender.Packets.Count > 0)
        {
            _byCount[sender.Packets.Count].AddLast(sender.Place);
        }
        else
        {
            _senders.Remove(sender.Key);
            _spare.Push(sender);
        }
        while (_most > 0 && _byCount[_most].Count == 0)
            _most--;
    }
}
