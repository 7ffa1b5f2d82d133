using SoftSwitch.Forwarding.Drops;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Which outside port a flow from inside leaves by: that of its inside end, or a new one for it. When the owner has its share of ports, or the last
/// eighth of them is reached, the owner's finished connections give theirs back; and then flows overlap: they get a port by their remote end, as
/// those of the kernel's masquerade always do, and leave it to others toward all other ends (RFC 7857, section 3).
/// <para>
/// A port that a flow overlaps on is on loan: unless it is lasting or a conversation, the flow gives way after some
/// seconds to an inside end whose own the port is, or becomes.
/// </para>
/// <para>
/// The last eighth of the ports, and of those toward each remote end, is for owners that use less than an equal part of it. So nobody who wants
/// little is refused, whoever else wants much. All under the lock.
/// </para>
/// </summary>
public sealed unsafe partial class Napt
{
    /// <summary>The part of the ports that is for those who want little: one in so many.</summary>
    private const int Reserve = 8;

    /// <summary>Ports that are tried at random; those by which is judged how many are left toward a remote end; those that an own one is sought in.</summary>
    private const int Probes = 256;
    private const int Sample = 128;
    private const int SampleForOwn = 16;

    /// <summary>Seconds for which a port is lent at least: a slow answer's, and a SYN's second retransmission.</summary>
    private const int Loan = 5;

    /// <summary>Random free ports that are tried for one that the remote end knows nothing of.</summary>
    private const int Draws = 8;

    private DropReason ChoosePort(ref Flow content, ushort owner, int number, Instant now)
    {
        var policy = _policies[content.Policy].Policy;
        var protocol = content.Protocol;
        var inside = MappingTable.Key(content.InsideAddress, content.InsidePort, content.Policy, protocol);
        var port = _mappings.Find(inside);
        if (port >= 0 && !IsTaken(content, (ushort)port, now, takesBack: true))
        {
            Leave(ref content, port);
            return DropReason.None;
        }
        var first = MappingTable.Dynamic(protocol, policy.FirstPort, policy.LastPort);
        var size = policy.LastPort - first + 1;
        var isHeavy = _owners.At(number)->Ports >= int.Max(size / Reserve / _owners.Count, 1);
        if (port < 0)
        {
            port = OwnPort(content, inside, number, isHeavy, now);
            if (port >= 0)
            {
                Assign(ref content, port, inside, owner, number);
                return DropReason.None;
            }
        }
        var isGivenUp = false;
        port = SharedPort(content, owner, first, size, isHeavy, now);
        if (port < 0)
        {
            port = GiveUpToward(number, content, first, size, now);
            isGivenUp = true;
        }
        if (port < 0)
        {
            if (isHeavy || _owners.At(number)->Mappings >= policy.MappingsPerOwner)
            {
                _refusedQuota++;
                return DropReason.NatQuota;
            }
            _refusedPorts++;
            return DropReason.NatPortsExhausted;
        }
        // What was given up may have been the last flow of its mapping, or even of this inside end's.
        var own = _mappings.Find(inside);
        if (isGivenUp && own < 0 && _mappings.KindOf(protocol, (ushort)port) == MappingKind.Free
            && _owners.At(number)->Mappings < policy.MappingsPerOwner)
        {
            Assign(ref content, port, inside, owner, number);
            return DropReason.None;
        }
        if (own != port)
            content.State |= FlowState.Overlapped;
        Leave(ref content, port);
        return DropReason.None;
    }

    private static void Leave(ref Flow content, int port) => content.Ports |= (ulong)port << 32;

    private void Assign(ref Flow content, int port, ulong inside, ushort owner, int number)
    {
        _mappings.Assign((ushort)port, inside, owner);
        _owners.At(number)->Mappings++;
        Leave(ref content, port);
    }

    /// <summary>A port that may become the inside end's own, or -1.</summary>
    private int OwnPort(in Flow content, ulong inside, int number, bool isHeavy, Instant now)
    {
        var policy = _policies[content.Policy].Policy;
        int protocol = content.Protocol, first = MappingTable.Dynamic(protocol, policy.FirstPort, policy.LastPort);
        var size = policy.LastPort - first + 1;
        var isAtLimit = _owners.At(number)->Mappings >= policy.MappingsPerOwner
            || (isHeavy && _mappings.CountFree(protocol, first, policy.LastPort) < size / Reserve);
        if (isAtLimit && !GiveUpPort(number, now))
            return -1;
        if (isHeavy && !IsPlenty(content, first, size, now))
            return -1;
        var port = DrawPort(content, inside, policy, now);
        return port >= 0 || isAtLimit || !GiveUpPort(number, now) ? port : DrawPort(content, inside, policy, now);
    }

    /// <summary>A random free port, best one whose last connections are forgotten or were the same host's.</summary>
    private int DrawPort(in Flow content, ulong inside, NaptPolicy policy, Instant now)
    {
        var drawn = -1;
        for (var draw = 0; draw < 2 * Draws && (draw < Draws || drawn < 0); draw++)
        {
            var port = _mappings.RandomFree(inside, policy.FirstPort, policy.LastPort);
            if (port < 0)
                break;
            if (IsTaken(content, (ushort)port, now, takesBack: draw >= Draws))
                continue;
            if (content.Protocol != NatProtocol.Tcp || _mappings.IsRested(content.Protocol, (ushort)port, content.InsideAddress, now.Seconds))
                return port;
            drawn = port;
        }
        return drawn;
    }

    /// <summary>Toward the remote end, more than the reserve is free or on loan, as far as a sample tells.</summary>
    private bool IsPlenty(in Flow content, int first, int size, Instant now)
    {
        var (free, sample) = (0, int.Min(Sample, size));
        foreach (var port in new RandomPorts(_secrets, first, size, sample))
        {
            if (!_mappings.IsShareable(content.Protocol, port))
                continue;
            var isUsed = _flows.TryFindInbound(content.RemoteAddress, port, content.RemotePort, content.Protocol, out var other);
            if ((!isUsed || IsOnLoan(*other.Flow, now.Seconds) || !IsAlive(other, now)) && ++free >= int.Max(sample / Reserve, 1))
                return true;
        }
        return false;
    }

    /// <summary>
    /// A port, own or not, that nobody uses toward the remote end, or -1: at random, best one of the same owner's. A heavy owner gets another's only
    /// while there are plenty.
    /// </summary>
    private int SharedPort(in Flow content, ushort owner, int first, int size, bool isHeavy, Instant now)
    {
        var (probe, free, found, sample) = (0, 0, -1, int.Min(Sample, size));
        var (fewest, enough) = (int.Min(SampleForOwn, size), int.Max(sample / Reserve, 1));
        foreach (var port in new RandomPorts(_secrets, first, size, int.Min(Probes, size)))
        {
            probe++;
            if (_mappings.IsShareable(content.Protocol, port) && !IsTaken(content, port, now))
            {
                ref var mapping = ref _mappings.At(content.Protocol, port);
                if (mapping.Kind == MappingKind.Dynamic && mapping.Owner == owner && mapping.Policy == content.Policy)
                    return port;
                free++;
                found = port;
            }
            if (probe >= fewest && found >= 0 && (!isHeavy || (probe <= sample && free >= enough)))
                return found;
        }
        return isHeavy ? -1 : found;
    }

    /// <summary>Somebody uses a port toward the remote end of a flow. Whose time is over is not somebody.</summary>
    /// <param name="takesBack">Nor who has the port on loan.</param>
    private bool IsTaken(in Flow content, ushort port, Instant now, bool takesBack = false)
    {
        if (!_flows.TryFindInbound(content.RemoteAddress, port, content.RemotePort, content.Protocol, out var other))
            return false;
        var isAlive = IsAlive(other, now);
        if (isAlive && !(takesBack && IsOnLoan(*other.Flow, now.Seconds)))
            return true;
        End(other.Flow, now);
        _givenUp += isAlive ? 1 : 0;
        return false;
    }

    /// <summary>
    /// A flow has another's port, and has had its time for it: it is finished, or nobody has said anything for a moment, or nobody has answered. What
    /// is in flight is not ended by whoever happens to own the port, or makes himself its owner.
    /// </summary>
    private static bool IsOnLoan(in Flow flow, uint now)
    {
        if ((flow.State & FlowState.Overlapped) == 0 || flow.Worth >= FlowWorth.Conversation)
            return false;
        if (flow.Worth <= FlowWorth.Answered)
            return true;
        var isUnanswered = (flow.State & (flow.Protocol == NatProtocol.Tcp ? FlowState.RemoteSyn | FlowState.RemoteAck : FlowState.Answered)) == 0;
        return (isUnanswered ? (int)(now - flow.Began) : int.Min((int)(now - flow.Inside.Seen), (int)(now - flow.Remote.Seen))) >= Loan;
    }
}
