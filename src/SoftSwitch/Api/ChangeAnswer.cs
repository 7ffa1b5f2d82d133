using SoftSwitch.Api.Lists;
using SoftSwitch.Api.Views;
using SoftSwitch.Live;

namespace SoftSwitch.Api;

/// <summary>What became of a change, as an answer or a problem.</summary>
internal static class ChangeAnswer
{
    /// <param name="outcome">What became of it.</param>
    /// <param name="subject">What has mistakes, if it has: "the file".</param>
    /// <param name="refusal">What it means that it was refused.</param>
    /// <exception cref="ProblemException">It was refused.</exception>
    public static byte[] Of(
        ChangeOutcome outcome, string subject, string refusal = "this can't be applied to what runs, which goes on as before") =>
        outcome.Kind switch
    {
        ChangeKind.Applied or ChangeKind.Asked => ChangeView.Members.Json(
            new(outcome.Kind == ChangeKind.Applied, outcome.Lines, outcome.Notes.Count > 0 ? outcome.Notes : null, outcome.Text)),
        ChangeKind.Mistakes => throw new ProblemException(
            StatusCodes.Status422UnprocessableEntity, $"{subject} has mistakes; what ran before goes on", outcome.Lines),
        ChangeKind.Missing => throw new ProblemException(
            StatusCodes.Status404NotFound, outcome.Lines[0], outcome.Lines.Count > 1 ? outcome.Lines : null),
        ChangeKind.Stale => throw new ProblemException(StatusCodes.Status412PreconditionFailed,
            "somebody else has changed it since: GET it again, and change what you see then"),
        _ => throw new ProblemException(
            StatusCodes.Status409Conflict, refusal, outcome.Lines),
    };
}
