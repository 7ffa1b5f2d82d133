using System.Diagnostics.CodeAnalysis;

namespace SoftSwitch.Linux.Relays;

/// <summary>
/// The conversations that the guest never answered. At a limit they give way first: anybody can begin one, and only the guest's answer
/// makes it worth something. They are kept by client, and the client with the most loses one, whichever client meets the limit. Each step
/// takes the same short time, however many there are.
/// </summary>
internal sealed class UdpUnanswered
{
    private readonly Dictionary<
        UdpSession, (UnansweredClient Client, LinkedListNode<UdpSession> OfClient, LinkedListNode<UdpSession> OfPort)> _places = [];
    private readonly Dictionary<(uint Address, ushort Port), UnansweredClient> _clients = [];
    private readonly Dictionary<int, LinkedList<UdpSession>> _ofPort = [];

    /// <summary>Clients by the number of their conversations; the last list isn't empty.</summary>
    private readonly List<LinkedList<UnansweredClient>> _byNumber = [new()];

    internal void Add(UdpSession session)
    {
        var (id, port) = ((session.Client.Address, session.Client.Port), session.Client.LocalPort);
        if (!_clients.TryGetValue(id, out var client))
            _clients.Add(id, client = new(id));
        if (!_ofPort.TryGetValue(port, out var others))
            _ofPort.Add(port, others = new());
        _places.Add(session, (client, client.Sessions.AddLast(session), others.AddLast(session)));
        Place(client);
    }

    /// <summary>Removes a conversation that was answered or is over. One that isn't here is no error.</summary>
    internal void Remove(UdpSession session)
    {
        if (!_places.Remove(session, out var place))
            return;
        place.Client.Sessions.Remove(place.OfClient);
        Place(place.Client);
        var others = place.OfPort.List!;
        others.Remove(place.OfPort);
        if (others.Count == 0)
            _ofPort.Remove(session.Client.LocalPort);
    }

    /// <summary>The oldest of the client with the most.</summary>
    internal bool TryFind([MaybeNullWhen(false)] out UdpSession session) =>
        (session = _byNumber[^1].First?.Value.Sessions.First?.Value) is not null;

    /// <summary>The oldest of a port.</summary>
    internal bool TryFind(int port, [MaybeNullWhen(false)] out UdpSession session) =>
        (session = _ofPort.GetValueOrDefault(port)?.First?.Value) is not null;

    private void Place(UnansweredClient client)
    {
        client.Place.List?.Remove(client.Place);
        var number = client.Sessions.Count;
        if (number == 0)
            _clients.Remove(client.Id);
        while (_byNumber.Count <= number)
            _byNumber.Add(new());
        if (number > 0)
            _byNumber[number].AddLast(client.Place);
        while (_byNumber.Count > 1 && _byNumber[^1].Count == 0)
            _byNumber.RemoveAt(_byNumber.Count - 1);
    }
}
