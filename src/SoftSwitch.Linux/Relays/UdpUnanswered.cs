using System.Diagnostics.CodeAnalysis;

namespace SoftSwitch.Linux.Relays;

/// <summary>
/// The conversations that the guest never answered. At a limit they give way first: anybody can begin one, and only the guest's answer
/// makes it worth something. They are kept by forward, and the forward with the most loses one, whichever meets the limit: so what comes to
/// one forward, from however many clients and ports, takes no place from another that has less. Each step takes the same short time,
/// however many there are.
/// </summary>
internal sealed class UdpUnanswered
{
    private readonly Dictionary<UdpSession, (LinkedListNode<UdpSession> OfForward, LinkedListNode<UdpSession> OfPort)> _places = [];
    private readonly Dictionary<int, LinkedList<UdpSession>> _ofPort = [];

    /// <summary>Forwards by the number of such conversations; the last list isn't empty.</summary>
    private readonly List<LinkedList<UdpShare>> _byNumber = [new()];

    internal void Add(UdpSession session)
    {
        var port = session.Client.LocalPort;
        if (!_ofPort.TryGetValue(port, out var others))
            _ofPort.Add(port, others = new());
        _places.Add(session, (session.Share.Unanswered.AddLast(session), others.AddLast(session)));
        Place(session.Share);
    }

    /// <summary>Removes a conversation that was answered or is over. One that isn't here is no error.</summary>
    internal void Remove(UdpSession session)
    {
        if (!_places.Remove(session, out var place))
            return;
        session.Share.Unanswered.Remove(place.OfForward);
        Place(session.Share);
        var others = place.OfPort.List!;
        others.Remove(place.OfPort);
        if (others.Count == 0)
            _ofPort.Remove(session.Client.LocalPort);
    }

    /// <summary>The oldest of the forward with the most, unless that has no more conversations than the one that asks: then the oldest of
    /// its own.</summary>
    internal bool TryFind(UdpShare own, [MaybeNullWhen(false)] out UdpSession session)
    {
        var from = _byNumber[^1].First?.Value is { } most && most.Count > own.Count ? most : own;
        return (session = from.Unanswered.First?.Value) is not null;
    }

    /// <summary>The oldest of a port.</summary>
    internal bool TryFind(int port, [MaybeNullWhen(false)] out UdpSession session) =>
        (session = _ofPort.GetValueOrDefault(port)?.First?.Value) is not null;

    private void Place(UdpShare share)
    {
        share.Place.List?.Remove(share.Place);
        var number = share.Unanswered.Count;
        while (_byNumber.Count <= number)
            _byNumber.Add(new());
        if (number > 0)
            _byNumber[number].AddLast(share.Place);
        while (_byNumber.Count > 1 && _byNumber[^1].Count == 0)
            _byNumber.RemoveAt(_byNumber.Count - 1);
    }
}
