using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Ports;

namespace SoftSwitch.Linux.Endpoints.HostNeighbor;

/// <summary>
/// The stations that are published, each counted for the port that has brought it (<see cref="MachineLimits.HostStations"/>). Any thread
/// may look; who changes them locks.
/// </summary>
internal sealed class HostStations
{
    private readonly ConcurrentDictionary<ulong, Port?> _ports = new(new SeededHash());
    private readonly Dictionary<Port, int> _ofPort = [];
    private volatile int _count;

    public int Count => _count;

    public IEnumerable<ulong> All => _ports.Select(one => one.Key);

    public bool Contains(ulong station) => _ports.ContainsKey(station);

    /// <summary>One more has a place.</summary>
    /// <param name="input">Who brings it.</param>
    /// <param name="wanted">Others that are about to be added, and those of them that the same port brings.</param>
    /// <param name="ports">Ports that there are.</param>
    public bool HasRoom(Port input, (int All, int Own) wanted, int ports) => SharedPlaces.HasRoom(_count + wanted.All,
        MachineLimits.HostStations.Most, _ofPort.GetValueOrDefault(input) + wanted.Own, ports);

    /// <param name="station">Which.</param>
    /// <param name="input">Who has brought it; null: the file.</param>
    public void Add(ulong station, Port? input)
    {
        if (!_ports.TryAdd(station, input))
            return;
        _count++;
        if (input is not null)
            _ofPort[input] = _ofPort.GetValueOrDefault(input) + 1;
    }

    /// <returns>Who had brought it.</returns>
    public Port? Remove(ulong station)
    {
        if (!_ports.TryRemove(station, out var input))
            return null;
        _count--;
        if (input is not null && --CollectionsMarshal.GetValueRefOrNullRef(_ofPort, input) == 0)
            _ofPort.Remove(input);
        return input;
    }
}
