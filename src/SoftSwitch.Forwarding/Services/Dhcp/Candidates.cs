using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>
/// Free addresses that were asked for in ARP before a client needs one, so that a client needn't wait for an answer that nearly never comes
/// (RFC 2131, 2.2, wants servers to ask).
/// <code>
///   free ──► asked: who has it answers within a second, and stands in AddressPlaces ──► ready ──► given
/// </code>
/// </summary>
internal sealed class Candidates
{
    /// <summary>Clients that come at once and get one.</summary>
    private const int Most = 8;

    private readonly List<Ipv4Address> _asked = new(Most), _ready = new(Most);

    /// <summary>How many more it has room for.</summary>
    public int Room => Most - _asked.Count - _ready.Count;

    /// <summary>An address is asked for now.</summary>
    public void Add(Ipv4Address address) => _asked.Add(address);

    /// <summary>Whoever has one that was asked for has answered.</summary>
    public void HaveAnswered()
    {
        _ready.AddRange(_asked);
        _asked.Clear();
    }

    public bool TryTake(out Ipv4Address address) => TryTake(_ready, out address);

    /// <summary>Takes one whose answer may still come: there are no others.</summary>
    public bool TryTakeAsked(out Ipv4Address address) => TryTake(_asked, out address);

    public bool Contains(Ipv4Address address) => _ready.Contains(address) || _asked.Contains(address);

    public void Remove(Ipv4Address address)
    {
        _ready.Remove(address);
        _asked.Remove(address);
    }

    public void Clear()
    {
        _ready.Clear();
        _asked.Clear();
    }

    private static bool TryTake(List<Ipv4Address> from, out Ipv4Address address)
    {
        address = from.Count > 0 ? from[0] : default;
        if (from.Count == 0)
            return false;
        from.RemoveAt(0);
        return true;
    }
}
