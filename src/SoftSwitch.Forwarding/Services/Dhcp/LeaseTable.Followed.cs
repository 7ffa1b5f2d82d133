using SoftSwitch.Forwarding.Bridging;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>What is lent behind some ports, for those who ask for each packet.</summary>
public sealed partial class LeaseTable
{
    private readonly Dictionary<string, LentAddresses> _followed = [];

    /// <summary>Keeps up what is lent behind ports: behind these, and no others any more.</summary>
    /// <param name="ports">Their names.</param>
    public IReadOnlyDictionary<string, LentAddresses> Follow(IReadOnlySet<string> ports)
    {
        lock (_lock)
        {
            foreach (var gone in _followed.Keys.Where(port => !ports.Contains(port)).ToArray())
                _followed.Remove(gone);
            foreach (var port in ports.Where(port => !_followed.ContainsKey(port)))
                _followed.Add(port, new());
            var lent = _byAddress.Values.Where(lease => lease.State == LeaseState.Bound)
                .ToLookup(lease => lease.Owner.Port, lease => lease.Address);
            foreach (var (port, addresses) in _followed)
                addresses.Set(lent[port]);
            return _followed.ToDictionary();
        }
    }

    private void TellLent(Lease lease, bool isLent)
    {
        if (!_followed.TryGetValue(lease.Owner.Port, out var lent))
            return;
        if (isLent)
            lent.Add(lease.Address);
        else
            lent.Remove(lease.Address);
    }
}
