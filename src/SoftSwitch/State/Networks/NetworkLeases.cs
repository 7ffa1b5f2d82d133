using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Persistence;

namespace SoftSwitch.State.Networks;

/// <summary>Keeps the leases of the networks over a restart. Used by the control loop alone.</summary>
/// <param name="memory">Where.</param>
internal sealed class NetworkLeases(LeaseMemory memory) : IDisposable
{
    private readonly Dictionary<string, long> _written = [];
    private IReadOnlyList<NetworkState> _networks = [];

    /// <summary>Gives a network that is new what it had given before.</summary>
    public void Restore(string network, LeaseTable leases)
    {
        var (now, clock) = (new Instant(Environment.TickCount64), DateTimeOffset.UtcNow);
        leases.Restore(memory.Of(network).Select(line => new LeaseRecord(line.Address, line.Port, line.Client, line.Mac,
            line.IsBound ? LeaseState.Bound : LeaseState.Kept, now + Left(line.Until - clock, leases.Scope.LeaseTime), line.HostName)),
            now);
    }

    /// <summary>A clock may have been wrong then or may be now: nothing lasts longer than a lease does.</summary>
    private static TimeSpan Left(TimeSpan left, TimeSpan most) =>
        left < TimeSpan.Zero ? TimeSpan.Zero : left > most ? most : left;

    /// <summary>About once a second.</summary>
    public void Tick(IReadOnlyList<NetworkState> networks, Instant now)
    {
        _networks = networks;
        if (memory.IsDue(now.Milliseconds))
            Write(now);
    }

    /// <summary>Writes what is left, and waits for it.</summary>
    public void Keep(Instant now)
    {
        Write(now);
        memory.Wait();
    }

    /// <summary>Writes what is left.</summary>
    public void Dispose()
    {
        Write(new(Environment.TickCount64));
        memory.Dispose();
    }

    /// <summary>All that lasts, a line each.</summary>
    public string Lines(Instant now) =>
        string.Concat(Lines(_networks.Where(network => network.Services.Leases is not null), now).Select(line => $"{line}\n"));

    private void Write(Instant now)
    {
        var giving = _networks.Where(network => network.Services.Leases is not null).ToDictionary(network => network.Model.Name);
        foreach (var gone in _written.Keys.Where(network => !giving.ContainsKey(network)).ToArray())
            _written.Remove(gone);
        if (!memory.HasFailed && giving.All(network => network.Value.Services.Leases!.Changes == _written.GetValueOrDefault(network.Key)))
            return;
        // What changes from here on is written the next time.
        foreach (var (name, network) in giving)
            _written[name] = network.Services.Leases!.Changes;
        memory.Write(giving.Keys.ToHashSet(), Lines(giving.Values, now), now.Milliseconds);
    }

    private static List<LeaseLine> Lines(IEnumerable<NetworkState> giving, Instant now)
    {
        var (clock, lines) = (DateTimeOffset.UtcNow, new List<LeaseLine>());
        foreach (var network in giving)
        {
            var leases = new List<LeaseRecord>();
            network.Services.Leases!.CopyTo(leases);
            foreach (var lease in leases)
            {
                var until = clock + TimeSpan.FromMilliseconds(lease.Until.Milliseconds - now.Milliseconds);
                if (lease.State is LeaseState.Bound or LeaseState.Kept)
                    lines.Add(new(network.Model.Name, lease.Address, lease.Port, lease.Mac, lease.Client, until,
                        lease.State == LeaseState.Bound, lease.HostName));
            }
        }
        return lines;
    }
}
