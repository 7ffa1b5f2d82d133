using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Which outside port a flow from inside leaves by: that of its inside end, or a new one for it. When the owner has its share of ports, or
/// the last eighth of them is reached, the owner's finished connections give theirs back; and then flows overlap: they get a port by their
/// remote end, as those of the kernel's masquerade always do, and leave it to others toward all other ends (RFC 7857, section 3).
/// <para>
/// A port that a flow overlaps on is on loan: unless it is lasting or a conversation, the flow gives way after some
/// seconds to an inside end whose own the port is, or becomes.
/// </para>
/// <para>
/// The last eighth of the ports, and of those toward each remote end, is for owners that use less than an equal part of it. So nobody who
/// wants little is refused, whoever else wants much. All under the lock.
/// </para>
/// <para>
/// Searching costs up to some hundred looks into the index, and who wants much makes us search with every packet when nothing is left. So
/// an owner remembers for a second what a search has found, and then neither a refusal nor giving up an own flow costs more than a new flow
/// does.
/// </para>
/// </summary>
public sealed unsafe partial class Napt
{
    /// <summary>The part of the ports that is for those who want little: one in so many.</summary>
    private const int Reserve = 8;

    /// <summary>Ports that are tried at random; those by which is judged how many are left toward a remote end; those that an own one is
    /// sought in.</summary>
    private const int Probes = 256;
    private const int Sample = 128;
    private const int SampleForOwn = 16;

    /// <summary>Seconds for which a port is lent at least: a slow answer's, and a SYN's second retransmission.</summary>
    private const int Loan = 5;

    /// <summary>Toward a remote end that has plenty, the next flows begin without a search: one in so many of the ports.</summary>
    private const int Unsearched = 512;

    /// <summary>Random free ports that are tried for one that the remote end knows nothing of; and, of who wants little, where those are
    /// taken.</summary>
    private const int Draws = 8;
    private const int DrawsOfLight = 64;

    /// <summary>What owners remember who are forgotten themselves as soon as they are refused: hashes, each with its second.</summary>
    private readonly ulong[] _spent = new ulong[256];
    private uint _portChanges;

    private DropReason ChoosePort(ref Flow content, ushort owner, int number, Instant now)
    {
        var policy = PolicyOf(content);
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
        var end = EndOf(content, isHeavy);
        var left = Recall(number, end, now);
        if (!isHeavy && left == PortsLeft.Unknown)
            left = PortsLeft.Plenty;
        if (port < 0 && left != PortsLeft.None)
        {
            port = OwnPort(content, inside, number, isHeavy, ref left, now);
            if (port >= 0)
            {
                if (isHeavy)
                    _owners.At(number)->NotePlenty(end, size / Unsearched);
                return Assign(ref content, port, inside, owner, number);
            }
        }
        else
        {
            port = -1;
        }
        var isGivenUp = false;
        if (left != PortsLeft.None)
        {
            port = SharedPort(content, owner, number, isHeavy, ref left, now);
            if (port < 0)
                NoteSpent(number, end, now);
            else if (isHeavy && left == PortsLeft.Plenty)
                _owners.At(number)->NotePlenty(end, size / Unsearched);
        }
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
            return Assign(ref content, port, inside, owner, number);
        if (own != port)
            content.State |= FlowState.Overlapped;
        Leave(ref content, port);
        return DropReason.None;
    }

    private PortsLeft Recall(int number, uint end, Instant now)
    {
        var own = _owners.At(number);
        var left = own->Recall(end, MomentOf(now));
        return left == PortsLeft.Unknown && own->HasNothingElse && SpentFor(*own, end) == SpentFor(*own, end, now) ? PortsLeft.None : left;
    }

    private void NoteSpent(int number, uint end, Instant now)
    {
        var own = _owners.At(number);
        own->NoteSpent(end);
        if (own->HasNothingElse)
            SpentFor(*own, end) = SpentFor(*own, end, now);
    }

    /// <summary>For how long a search's result counts: the second, until somebody changes which ports there are.</summary>
    private uint MomentOf(Instant now) => now.Seconds + (_portChanges << 24);

    private ref ulong SpentFor(in Owner own, uint end) => ref _spent[(uint)HashCode.Combine(own.Key, end) % (uint)_spent.Length];

    private ulong SpentFor(in Owner own, uint end, Instant now) => (ulong)(uint)HashCode.Combine(end, own.Key) << 32 | MomentOf(now);

    private static void Leave(ref Flow content, int port) => content.Ports |= (ulong)port << 32;

    /// <summary>Makes a free port the inside end's own. It counts for the port that the packet came by, also where the flow counts for what
    /// outsiders began: there are no more of these than the network has forwards.</summary>
    private DropReason Assign(ref Flow content, int port, ulong inside, ushort owner, int number)
    {
        if ((content.State & FlowState.FromOutside) != 0)
            number = _owners.Acquire(NaptOwner.Of(content.Policy, owner, content.InsideAddress.Value).Key);
        if (number < 0)
        {
            _refusedTable++;
            return DropReason.NatTableFull;
        }
        _mappings.Assign((ushort)port, inside, owner);
        _owners.At(number)->Mappings++;
        Leave(ref content, port);
        return DropReason.None;
    }

    /// <summary>A port that may become the inside end's own, or -1.</summary>
    private int OwnPort(in Flow content, ulong inside, int number, bool isHeavy, ref PortsLeft left, Instant now)
    {
        var policy = PolicyOf(content);
        int protocol = content.Protocol, first = MappingTable.Dynamic(protocol, policy.FirstPort, policy.LastPort);
        var size = policy.LastPort - first + 1;
        // Where this protocol's ports are short, no other's helps.
        var isShort = isHeavy && _mappings.CountFree(protocol, first, policy.LastPort) < size / Reserve;
        var isAtLimit = isShort || _owners.At(number)->Mappings >= policy.MappingsPerOwner;
        if (isAtLimit && !GiveUpPort(number, isShort ? ListsOfFinished(protocol) : AllFinished, now))
            return -1;
        if (left == PortsLeft.Unknown)
        {
            if (!IsPlenty(content, number, first, size, now))
                return -1;
            left = PortsLeft.Plenty;
        }
        var port = DrawPort(content, inside, isHeavy, policy, now);
        return port >= 0 || isAtLimit || !GiveUpPort(number, ListsOfFinished(protocol), now)
            ? port
            : DrawPort(content, inside, isHeavy, policy, now);
    }

    /// <summary>A random free port, best one whose last connections are forgotten or were the same host's.</summary>
    private int DrawPort(in Flow content, ulong inside, bool isHeavy, NaptPolicy policy, Instant now)
    {
        var (drawn, most) = (-1, isHeavy ? 2 * Draws : DrawsOfLight);
        for (var draw = 0; draw < most && (draw < Draws || drawn < 0); draw++)
        {
            var port = _mappings.RandomFree(inside, policy.FirstPort, policy.LastPort);
            if (port < 0)
                break;
            if (IsTaken(content, (ushort)port, now, takesBack: draw >= Draws))
                continue;
            if (content.Protocol != NatProtocol.Tcp
                || _mappings.IsRested(content.Protocol, (ushort)port, content.InsideAddress, now.Seconds))
                return port;
            drawn = port;
        }
        return drawn;
    }

    /// <summary>Toward the remote end, more than the reserve is free or on loan, as far as a sample tells.</summary>
    private bool IsPlenty(in Flow content, int number, int first, int size, Instant now)
    {
        var free = 0;
        var (sample, enough) = SampleFor(number, size);
        foreach (var port in new RandomPorts(_secrets, first, size, sample))
        {
            if (!_mappings.IsShareable(content.Protocol, port))
                continue;
            var isUsed = _flows.TryFindInbound(content.RemoteAddress, port, content.RemotePort, content.Protocol, out var other);
            if ((!isUsed || IsOnLoan(*other.Flow, now.Seconds) || !IsAlive(other, now)) && ++free >= enough)
                return true;
        }
        return false;
    }

    /// <summary>
    /// A port, own or not, that nobody uses toward the remote end, or -1: at random, best one of the same owner's. A heavy owner gets
    /// another's only while there are plenty.
    /// </summary>
    /// <param name="left">What is known of the ports toward the remote end, and becomes known.</param>
    private int SharedPort(in Flow content, ushort owner, int number, bool isHeavy, ref PortsLeft left, Instant now)
    {
        var policy = PolicyOf(content);
        var first = MappingTable.Dynamic(content.Protocol, policy.FirstPort, policy.LastPort);
        var size = policy.LastPort - first + 1;
        var (sample, enough) = SampleFor(number, size);
        var (probe, free, found, fewest) = (0, 0, -1, int.Min(SampleForOwn, size));
        if (left == PortsLeft.Plenty)
            enough = 1;
        var looks = isHeavy || _owners.At(number)->IsTired ? sample : int.Min(Probes, size);
        foreach (var port in new RandomPorts(_secrets, first, size, looks))
        {
            probe++;
            if (_mappings.IsShareable(content.Protocol, port))
            {
                ref var mapping = ref _mappings.At(content.Protocol, port);
                var isOwn = mapping.Kind == MappingKind.Dynamic && mapping.Owner == owner && mapping.Policy == content.Policy;
                // With enough found, another's would only be one more: it isn't looked for in the index.
                if ((isOwn || free < enough) && !IsTaken(content, port, now))
                {
                    if (isOwn)
                        return port;
                    free++;
                    found = port;
                }
            }
            if (probe < fewest || free < enough)
                continue;
            left = PortsLeft.Plenty;
            return found;
        }
        return -1;
    }

    /// <summary>Ports by which is judged how many are left toward a remote end, and how many of them must be.</summary>
    private (int Size, int Enough) SampleFor(int owner, int size)
    {
        // Who has made us search in vain for ends without end is looked at briefly, and gets what is mostly free.
        if (_owners.At(owner)->IsTired)
            return (int.Min(SampleForOwn, size), int.Min(SampleForOwn, size + 1) / 2);
        var sample = int.Min(Sample, size);
        return (sample, int.Max(sample / Reserve, 1));
    }

    /// <summary>A remote end as its owner remembers it; with another measure it is another.</summary>
    private static uint EndOf(in Flow content, bool isHeavy)
    {
        var hash = (uint)HashCode.Combine(content.RemoteAddress.Value, content.RemotePort, content.Protocol, isHeavy);
        return hash == 0 ? 1 : hash;
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
    /// A flow has another's port, and has had its time for it: it is finished, or nobody has said anything for a moment, or nobody has
    /// answered. What is in flight is not ended by whoever happens to own the port, or makes himself its owner.
    /// </summary>
    private static bool IsOnLoan(in Flow flow, uint now)
    {
        if ((flow.State & FlowState.Overlapped) == 0 || flow.Worth >= FlowWorth.Conversation)
            return false;
        if (flow.Worth <= FlowWorth.Answered)
            return true;
        var isUnanswered =
            (flow.State & (flow.Protocol == NatProtocol.Tcp ? FlowState.RemoteSyn | FlowState.RemoteAck : FlowState.Answered)) == 0;
        return (isUnanswered ? (int)(now - flow.Began) : int.Min((int)(now - flow.Inside.Seen), (int)(now - flow.Remote.Seen))) >= Loan;
    }
}
