using SoftSwitch.Api.Lists;
using SoftSwitch.Bounds;

namespace SoftSwitch.Api;

/// <summary>
/// Gives answers so that they take no more memory, processor and time than there is for them, whatever their readers do.
/// </summary>
/// <remarks>
/// Theory of operation. An answer has one of <see cref="UserPlaces"/> from the moment when it is begun until the kernel has all of it; they
/// are made one after the other and written in pieces. Its reader has <see cref="Longest"/> for it, and as soon as another request needs
/// the place, no more than <see cref="HoldMilliseconds"/>; then his connection ends. Of a user's requests that wait the latest is answered
/// first: who asks for much and doesn't read waits in his own way. One that waits for <see cref="PatienceMilliseconds"/> is told to come
/// again.
/// </remarks>
internal sealed class Answers
{
    /// <summary>So long a place is its answer's own.</summary>
    public const int HoldMilliseconds = 500;

    /// <summary>How long a request waits for a place.</summary>
    public const int PatienceMilliseconds = 5000;

    /// <summary>How long an answer may take to be read.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private const int LookMilliseconds = 25;
    private const int PieceBytes = 64 * 1024;

    private readonly UserPlaces _places = new(ProgramLimits.Answers.Most, ProgramLimits.AnswersOfUser.Most);
    private readonly SemaphoreSlim _making = new(1);

    /// <summary>Those who wait for a place, the latest last.</summary>
    private readonly List<(HttpContext Context, uint User)> _waiting = [];

    /// <summary>Answers a request with JSON.</summary>
    /// <param name="context">The request.</param>
    /// <param name="make">Makes the answer; null: there is nothing to say beside its status.</param>
    public async Task Give(HttpContext context, Func<byte[]?> make)
    {
        using var place = await Take(context);
        if (await Make(make, context.RequestAborted) is not { } json)
            return;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        using var patience = new CancellationTokenSource(Longest);
        using var end = patience.Token.Register(context.Abort);
        for (var written = 0; written < json.Length; written += PieceBytes)
        {
            var piece = json.AsMemory(written, int.Min(PieceBytes, json.Length - written));
            await context.Response.Body.WriteAsync(piece, context.RequestAborted);
        }
    }

    private async Task<byte[]?> Make(Func<byte[]?> make, CancellationToken gone)
    {
        await _making.WaitAsync(gone);
        try
        {
            return make();
        }
        finally
        {
            _making.Release();
        }
    }

    private async Task<UserPlace> Take(HttpContext context)
    {
        var user = context.Features.Get<UserPlace>()?.User ?? ControlListener.NobodyKnown;
        lock (_waiting)
            _waiting.Add((context, user));
        try
        {
            for (var until = Environment.TickCount64 + PatienceMilliseconds; ;)
            {
                var now = Environment.TickCount64;
                if (IsNext(context, user) && _places.Take(user, context.Abort, now, HoldMilliseconds) is { } place)
                    return place;
                if (now >= until)
                    throw new ProblemException(StatusCodes.Status503ServiceUnavailable,
                        $"the switch is busy with other requests of user {user}, or of all users: read their answers, and ask again");
                await Task.Delay(LookMilliseconds, context.RequestAborted);
            }
        }
        finally
        {
            lock (_waiting)
                _waiting.RemoveAll(waiting => waiting.Context == context);
        }
    }

    private bool IsNext(HttpContext context, uint user)
    {
        lock (_waiting)
            return _waiting.FindLast(waiting => waiting.User == user).Context == context;
    }
}
