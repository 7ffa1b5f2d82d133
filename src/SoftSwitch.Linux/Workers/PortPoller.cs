namespace SoftSwitch.Linux.Workers;

/// <summary>
/// Finds which of a worker's ports have frames, and sleeps until one has: descriptors tell by epoll, and the memory of an
/// <see cref="IPolledPort"/> is looked into. Any thread may wake it; all else is the worker's.
/// </summary>
/// <param name="failed">Called when a descriptor's handler, or a look into a port's memory, threw; the port has been removed.</param>
internal sealed class PortPoller(Action<Source, Exception> failed) : IDisposable
{
    private readonly Poller _poller = new();
    private readonly ulong[] _tokens = new ulong[Poller.Batch];
    private readonly Dictionary<ulong, (Source Source, PortDescriptor Descriptor)> _watched = [];
    private readonly Dictionary<DevicePort, (Source Source, List<ulong> Tokens)> _tokensOf = [];
    private readonly List<(Source Source, IPolledPort Port)> _polled = [];
    private Source[] _found = new Source[Poller.Batch];
    private int _foundCount;
    private ulong _nextToken;

    /// <summary>Ends the current or the next <see cref="Find"/>.</summary>
    public void Wake() => _poller.Wake();

    /// <summary>Sleeps until <see cref="Wake"/>, whatever frames there are.</summary>
    public void AwaitWake() => _poller.AwaitWake();

    /// <summary>Begins to look for a port's frames.</summary>
    public void Add(Source source)
    {
        var tokens = new List<ulong>();
        _tokensOf.Add(source.Port, (source, tokens));
        if (source.Port is IPolledPort polled)
            _polled.Add((source, polled));
        Watch(source, tokens);
    }

    /// <summary>Ends it. The latest answer of <see cref="Find"/> isn't good any more.</summary>
    /// <returns>What was looked for; null: one that isn't there is no error.</returns>
    public Source? Remove(DevicePort port)
    {
        // Who has left isn't kept, nor his network.
        Array.Clear(_found);
        _foundCount = 0;
        return Leave(port);
    }

    private Source? Leave(DevicePort port)
    {
        if (!_tokensOf.Remove(port, out var known))
            return null;
        Unwatch(known.Tokens);
        if (port is IPolledPort polled)
            _polled.Remove((known.Source, polled));
        return known.Source;
    }

    /// <summary>All that is looked for.</summary>
    public IEnumerable<Source> All => _tokensOf.Values.Select(known => known.Source);

    /// <summary>What is looked for of a port; null: nothing.</summary>
    public Source? Of(DevicePort port) => _tokensOf.TryGetValue(port, out var known) ? known.Source : null;

    /// <summary>The port has other descriptors now.</summary>
    public void Renew(DevicePort port)
    {
        if (!_tokensOf.TryGetValue(port, out var known))
            return;
        Unwatch(known.Tokens);
        Watch(known.Source, known.Tokens);
    }

    /// <summary>The ports that may have frames; one may be there twice. Good until the next call.</summary>
    /// <param name="maySleep">Waits for them, or for <see cref="Wake"/>.</param>
    public ReadOnlySpan<Source> Find(bool maySleep)
    {
        _foundCount = 0;
        var ready = _poller.Wait(_tokens, maySleep && IsArmed() ? -1 : 0);
        for (var i = 0; i < ready; i++)
        {
            // What isn't there has left by what a handler before it did.
            if (_watched.TryGetValue(_tokens[i], out var watched) && IsReady(watched.Source, watched.Descriptor))
                Found(watched.Source);
        }
        // From behind, for one that fails leaves the list.
        for (var i = _polled.Count - 1; i >= 0; i--)
        {
            if (HasFrames(_polled[i]))
                Found(_polled[i].Source);
        }
        return _found.AsSpan(0, _foundCount);
    }

    public void Dispose() => _poller.Dispose();

    /// <summary>Arms the polled ports, and looks again. True: nothing came meanwhile, and descriptors tell what comes from here
    /// on.</summary>
    private bool IsArmed()
    {
        for (var i = _polled.Count - 1; i >= 0; i--)
            Arm(_polled[i]);
        for (var i = _polled.Count - 1; i >= 0; i--)
        {
            if (HasFrames(_polled[i]))
                return false;
        }
        return true;
    }

    private bool HasFrames((Source Source, IPolledPort Port) polled)
    {
        try
        {
            return polled.Port.HasFrames;
        }
        catch (Exception e)
        {
            Fail(polled.Source, e);
            return false;
        }
    }

    private void Arm((Source Source, IPolledPort Port) polled)
    {
        try
        {
            polled.Port.Arm();
        }
        catch (Exception e)
        {
            Fail(polled.Source, e);
        }
    }

    private bool IsReady(Source source, PortDescriptor descriptor)
    {
        try
        {
            return descriptor.Ready?.Invoke() ?? true;
        }
        catch (Exception e)
        {
            Fail(source, e);
            return false;
        }
    }

    /// <summary>Whatever goes wrong with a port costs that port.</summary>
    private void Fail(Source source, Exception e)
    {
        Leave(source.Port);
        Unfind(source);
        failed(source, e);
    }

    private void Unfind(Source source)
    {
        var left = 0;
        for (var i = 0; i < _foundCount; i++)
        {
            if (_found[i] != source)
                _found[left++] = _found[i];
        }
        Array.Clear(_found, left, _foundCount - left);
        _foundCount = left;
    }

    private void Found(Source source)
    {
        if (_foundCount == _found.Length)
            Array.Resize(ref _found, _found.Length * 2);
        _found[_foundCount++] = source;
    }

    private void Watch(Source source, List<ulong> tokens)
    {
        foreach (var descriptor in source.Port.Descriptors)
        {
            var token = _nextToken++;
            _poller.Add(descriptor.Fd, token);
            _watched.Add(token, (source, descriptor));
            tokens.Add(token);
        }
    }

    private void Unwatch(List<ulong> tokens)
    {
        foreach (var token in tokens)
        {
            if (_watched.Remove(token, out var watched))
                _poller.Remove(watched.Descriptor.Fd);
        }
        tokens.Clear();
    }
}
