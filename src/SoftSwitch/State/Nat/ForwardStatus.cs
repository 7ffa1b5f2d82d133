using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>Where a forward leads now.</summary>
/// <param name="Network">The name of its network.</param>
/// <param name="Forward">As the file has it.</param>
/// <param name="Target">The guest's address; null: it waits, for no address of its port is known.</param>
/// <param name="IsInVain">It waits, and everybody who could have it was asked.</param>
internal sealed record ForwardStatus(string Network, ForwardModel Forward, Ipv4Address? Target, bool IsInVain)
{
    /// <summary>The ports outside, as the file writes them.</summary>
    public string From => Forward.From.ToString();
}
