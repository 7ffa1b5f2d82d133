namespace SoftSwitch.Forwarding.Nat;

/// <summary>What networks and their ports that were written have for numbers here.</summary>
internal sealed class ImageNames
{
    private readonly int[] _policies = new int[Flow.MaximumPolicies];
    private readonly Dictionary<(int Policy, ushort Slot), ushort> _slots = [];

    public ImageNames() => Array.Fill(_policies, -1);

    /// <param name="before">A network's number where it was written.</param>
    /// <param name="here">Here; -1: it is gone.</param>
    public void Add(int before, int here)
    {
        if ((uint)before < (uint)_policies.Length)
            _policies[before] = here;
    }

    /// <param name="policy">A network's number where it was written.</param>
    /// <param name="before">A port's slot there.</param>
    /// <param name="here">Here; 0: it is gone.</param>
    public void Add(int policy, ushort before, ushort here) => _slots[(policy, before)] = here;

    /// <summary>A network's number here; -1: it is gone.</summary>
    public int NumberOf(int before) => (uint)before < (uint)_policies.Length ? _policies[before] : -1;

    /// <summary>A port's slot here; 0: it is gone.</summary>
    public ushort SlotOf(int policy, ushort before) => _slots.GetValueOrDefault((policy, before));

    /// <summary>Whom a flow counts for here; null: his port is gone.</summary>
    /// <param name="key">Where it was written.</param>
    /// <param name="policy">The network's number here.</param>
    public ulong? KeyOf(ulong key, int policy)
    {
        var owner = new NaptOwner(key);
        if (NaptOwner.SlotOf(key) is not (not 0 and var before))
            return NaptOwner.Of(policy, 0, owner.Address.Value).Key;
        if (SlotOf(owner.Policy, before) is not (not 0 and var slot))
            return null;
        return (owner.Port != 0 ? NaptOwner.Of(policy, slot, 0) : NaptOwner.OfAnswers(policy, slot)).Key;
    }
}
