namespace SoftSwitch.Linux.Relays;

/// <summary>Where datagrams for forwarded ports come in, and the conversations that began there. The relay's thread alone uses it, but for
/// ending it.</summary>
internal abstract class UdpEntrance(UdpRelay relay, ulong token) : IDisposable
{
    private readonly Dictionary<UdpClientId, UdpSession> _sessions = [];
    private readonly Dictionary<int, int> _ofPort = [];

    internal ulong Token => token;

    /// <summary>Readable when datagrams are there.</summary>
    internal abstract int Fd { get; }

    internal IReadOnlyCollection<UdpSession> Sessions => _sessions.Values;

    /// <summary>How many forwards come in here.</summary>
    internal abstract int Forwards { get; }

    /// <summary>What the forward of a port has.</summary>
    internal abstract UdpShare ShareOf(int port);

    /// <summary>Takes what is there next. False: nothing is. What can't be answered comes without a client.</summary>
    internal abstract bool TryTake(UdpDatagrams datagrams, out UdpClientId? client, out UdpPayload payload);

    /// <summary>Answers a client with what was taken last from the guest's side.</summary>
    internal abstract void Answer(UdpDatagrams datagrams, UdpClientId client, int length);

    /// <summary>Lets go of the ports.</summary>
    internal abstract void Close();

    internal UdpSession? Find(UdpClientId client) => _sessions.GetValueOrDefault(client);

    internal int CountOf(int port) => _ofPort.GetValueOrDefault(port);

    internal void Add(UdpSession session)
    {
        _sessions.Add(session.Client, session);
        session.Share.Count++;
        _ofPort[session.Client.LocalPort] = CountOf(session.Client.LocalPort) + 1;
    }

    internal void Remove(UdpSession session)
    {
        if (!_sessions.Remove(session.Client))
            return;
        session.Share.Count--;
        if (--_ofPort[session.Client.LocalPort] == 0)
            _ofPort.Remove(session.Client.LocalPort);
    }

    /// <summary>Ends its conversations and gives its ports back; for any thread but the relay's.</summary>
    public void Dispose() => relay.End(this);
}
