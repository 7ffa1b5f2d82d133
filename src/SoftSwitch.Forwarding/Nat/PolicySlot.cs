namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// One network's place in a translator, from when its policy is set until it is removed: the policy, which is replaced whole, and how many
/// flows the network has.
/// </summary>
internal sealed class PolicySlot(NaptPolicy policy)
{
    private volatile NaptPolicy _policy = policy;
    private volatile bool _isEnding;

    /// <summary>Changed under the Napt's lock.</summary>
    public int Flows;

    /// <summary>Of these, TCP's.</summary>
    public int Connections;

    /// <summary>Its owner with the most, as far as was seen.</summary>
    public int Heaviest;

    /// <summary>How the network is translated at the moment. Any thread may read it.</summary>
    public NaptPolicy Policy
    {
        get => _policy;
        set => _policy = value;
    }

    /// <summary>The network is being removed: nothing begins any more. Any thread may read it.</summary>
    public bool IsEnding => _isEnding;

    public void BeginEnding() => _isEnding = true;
}
