using SoftSwitch.Api.Lists;
using SoftSwitch.Bounds;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Linux;

namespace SoftSwitch.Api;

/// <summary>
/// Has changes done one after the other, on a thread of their own, so that none of the pool waits.
/// </summary>
/// <remarks>
/// Theory of operation. A request takes a place before its body is read and keeps it until it is answered; places are bounded, for all
/// users and for each, root beside them (<see cref="ProgramLimits.Changes"/>): who has no more is told to come again. Whose body is there
/// waits for his turn, and turns go by users: next is the one who has been served longest ago. So who floods, or is slow to send, waits
/// behind himself.
/// </remarks>
internal sealed class ChangeQueue
{
    /// <summary>How long a request waits for its turn: a change of thousands of ports may take a while.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly StandbyThread _thread = new("changes");
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, int> _places = [];
    private readonly List<(uint User, TaskCompletionSource Turn)> _waiting = [];

    /// <summary>When users who have places were served last; a number that grows.</summary>
    private readonly Dictionary<uint, long> _served = [];
    private long _turns;
    private bool _isBusy;

    /// <summary>A place, given back by disposing of it.</summary>
    /// <exception cref="ProblemException">503: there is none for him.</exception>
    public IDisposable Enter(uint user)
    {
        lock (_lock)
        {
            var own = _places.GetValueOrDefault(user);
            var all = _places.Where(one => (one.Key == 0) == (user == 0)).Sum(one => one.Value);
            if ((user != 0 && own >= ProgramLimits.ChangesOfUser.Most) || !SharedPlaces.HasPart(all, ProgramLimits.Changes.Most, own))
                throw new ProblemException(StatusCodes.Status503ServiceUnavailable,
                    $"{all} changes wait already, {own} of them of user {user}: wait for their answers, and ask again");
            _places[user] = own + 1;
        }
        return new Place(this, user);
    }

    /// <summary>Does it when it is the user's turn. He has a place.</summary>
    /// <param name="user">Who.</param>
    /// <param name="change">What; it may take its time.</param>
    /// <param name="gone">He has gone, and need not have it done.</param>
    public async Task<T> Do<T>(uint user, Func<T> change, CancellationToken gone)
    {
        await Turn(user, gone);
        try
        {
            return await _thread.Do(change);
        }
        finally
        {
            Next();
        }
    }

    private async Task Turn(uint user, CancellationToken gone)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (!_isBusy)
            {
                (_isBusy, _served[user]) = (true, ++_turns);
                return;
            }
            _waiting.Add((user, turn));
        }
        try
        {
            await turn.Task.WaitAsync(Patience, gone);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            bool isWaiting;
            lock (_lock)
                isWaiting = _waiting.RemoveAll(one => one.Turn == turn) > 0;
            // In the same moment it may have become his turn.
            if (!isWaiting)
                Next();
            if (e is OperationCanceledException)
                throw;
            throw new ProblemException(StatusCodes.Status503ServiceUnavailable,
                "another change takes long, and nothing was done: ask again when it is over");
        }
    }

    private void Next()
    {
        lock (_lock)
        {
            _isBusy = _waiting.Count > 0;
            if (!_isBusy)
                return;
            var next = _waiting.MinBy(one => _served.GetValueOrDefault(one.User));
            _waiting.Remove(next);
            _served[next.User] = ++_turns;
            next.Turn.SetResult();
        }
    }

    private void Leave(uint user)
    {
        lock (_lock)
        {
            if (--_places[user] > 0)
                return;
            _places.Remove(user);
            _served.Remove(user);
        }
    }

    private sealed class Place(ChangeQueue queue, uint user) : IDisposable
    {
        private bool _isGiven;

        public void Dispose()
        {
            if (!_isGiven)
                queue.Leave(user);
            _isGiven = true;
        }
    }
}
